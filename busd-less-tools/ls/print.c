/* SPDX-License-Identifier: MIT
 * The forms of the output. */
#include "ls/print.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "ls/tree.h"
#include "tool/card.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/table.h"
#include "tool/text.h"

static const tool_column columns[] = {
    {"", false, TOOL_PLAIN},       {"TYPE", true, TOOL_GREEN},    {"NAME", true, TOOL_PLAIN},
    {"HOST", true, TOOL_PLAIN},    {"ADDRESS", false, TOOL_BLUE}, {"FUNCTIONS", true, TOOL_PLAIN},
    {"OBJECTS", true, TOOL_PLAIN}, {"EVENTS", true, TOOL_PLAIN},  {"INFO", true, TOOL_FAINT},
};

/* The names of members with commas, clean; empty where there are none, or nobody wants them. free() it. */
static char *names_of(const ls_request *request, const ls_entry *entry, const char *kind)
{
    size_t count;
    json_object *told = request->with_members ? entry->members : NULL;
    const char **names = tool_details_names(tool_details_members(told, kind), &count);
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    for (size_t i = 0; i < count; i++) {
        char *clean = tool_text_clean(names[i]);
        fprintf(out, "%s%s", i > 0 ? "," : "", clean);
        free(clean);
    }
    fclose(out);
    free(names);
    return tool_text_checked(text);
}

enum {
    COLUMN_COUNT = sizeof columns / sizeof *columns
};

static tool_style style_of(ls_mark mark)
{
    switch (mark) {
    case LS_NEW: return TOOL_GREEN;
    case LS_GONE: return TOOL_RED;
    case LS_MOVED: return TOOL_YELLOW;
    case LS_KNOWN: break;
    }
    return TOOL_PLAIN;
}

void ls_print_table(const ls_request *request, const ls_entries *entries, bool marks, size_t most,
                    const char *end, FILE *out)
{
    tool_table table;
    tool_table_init(&table, columns, COLUMN_COUNT);
    for (size_t i = 0; i < entries->count; i++) {
        const ls_entry *entry = entries->list[i];
        const tool_summary *summary = &entry->summary;
        const char sign[] = {marks ? (char)entry->mark : '\0', '\0'};
        const char *type = *summary->type != '\0' ? summary->type : "-";
        char *functions = names_of(request, entry, "functions");
        char *objects = names_of(request, entry, "objects");
        char *events = names_of(request, entry, "events");
        const char *cells[COLUMN_COUNT] = {
            sign,      type,    summary->name, summary->host, summary->address,
            functions, objects, events,        summary->rest};
        tool_table_add(&table, cells, marks ? style_of(entry->mark) : TOOL_PLAIN);
        free(functions);
        free(objects);
        free(events);
    }
    tool_table_print(&table, &request->asked.paper, !request->asked.family.is_quiet, most, end,
                     out);
    tool_table_fini(&table);
}

static void print_long(const ls_request *request, const ls_entry *entry, FILE *out)
{
    tool_card_title(&request->asked.paper, &entry->summary, out);
    if (entry->sighting == NULL) {
        tool_card_id(entry->id, out);
        tool_card_location(entry->place->host, entry->place->port, true, out);
        tool_card_info(&request->asked.paper, tool_details_members(entry->members, "info"), out);
        return;
    }
    json_object *info = tool_json_info(entry->sighting);
    tool_card_facts(&request->asked.paper, entry->sighting, info, out);
    json_object_put(info);
}

static void print_json(const ls_request *request, const ls_entry *entry, const char *event,
                       FILE *out)
{
    static const char *const kinds[] = {"functions", "objects", "events", "channels"};
    size_t count = request->with_members ? sizeof kinds / sizeof *kinds : 0;
    json_object *object = entry->sighting != NULL
                              ? tool_json_sighting(entry->sighting, event)
                              : tool_json_at(entry->place->host, entry->place->port, entry->id,
                                             tool_details_members(entry->members, "info"));
    for (size_t i = 0; i < count; i++) {
        json_object *members = tool_details_members(entry->members, kinds[i]);
        if (members != NULL) {
            json_object_object_add(object, kinds[i], json_object_get(members));
        }
    }
    tool_json_print(object, out);
    json_object_put(object);
}

void ls_print_list(const ls_request *request, ls_entries *entries, FILE *out)
{
    if (request->form == LS_TREE) {
        ls_tree_print(request, entries, out);
        return;
    }
    if (request->form == LS_TABLE) {
        ls_print_table(request, entries, false, entries->count, "\n", out);
        return;
    }
    for (size_t i = 0; i < entries->count; i++) {
        if (request->form == LS_JSON) {
            print_json(request, entries->list[i], NULL, out);
        } else {
            fputs(i > 0 ? "\n" : "", out);
            print_long(request, entries->list[i], out);
        }
    }
}

static void print_change_line(const ls_request *request, const ls_entry *entry, ls_mark mark,
                              FILE *out)
{
    const tool_summary *summary = &entry->summary;
    const char *words[] = {*summary->type != '\0' ? summary->type : "-", summary->name,
                           summary->host, summary->address, summary->rest};
    fprintf(out, "%s%c", tool_paper_begin(&request->asked.paper, style_of(mark)), (char)mark);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        fprintf(out, "%s%s", *words[i] == '\0' ? "" : i == 0 ? " " : "  ", words[i]);
    }
    fprintf(out, "%s\n", tool_paper_end(&request->asked.paper, style_of(mark)));
}

void ls_print_change(const ls_request *request, const ls_entry *entry, autobus_change change,
                     FILE *out)
{
    static const char *const events[] = {"appeared", "left", "changed"};
    static const ls_mark marks[] = {LS_NEW, LS_GONE, LS_MOVED};
    switch (request->form) {
    case LS_JSON: print_json(request, entry, events[change], out); break;
    case LS_TREE:
    case LS_TABLE: print_change_line(request, entry, marks[change], out); break;
    case LS_LONG:
        fprintf(out, "%c ", (char)marks[change]);
        print_long(request, entry, out);
        break;
    }
}
