/* SPDX-License-Identifier: MIT
 * The forms of the output. */
#include "ls/print.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/table.h"
#include "tool/text.h"

static const tool_column columns[] = {
    {"", false, TOOL_PLAIN},    {"TYPE", true, TOOL_GREEN},    {"NAME", true, TOOL_PLAIN},
    {"HOST", true, TOOL_PLAIN}, {"ADDRESS", false, TOOL_BLUE}, {"INFO", true, TOOL_FAINT},
};

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
        const char *cells[COLUMN_COUNT] = {
            sign, type, summary->name, summary->host, summary->address, summary->rest};
        tool_table_add(&table, cells, marks ? style_of(entry->mark) : TOOL_PLAIN);
    }
    tool_table_print(&table, &request->asked.paper, !request->asked.family.is_quiet, most, end,
                     out);
    tool_table_fini(&table);
}

static void print_title(const ls_request *request, const tool_summary *summary, FILE *out)
{
    const tool_paper *paper = &request->asked.paper;
    fprintf(out, "%s%s%s", tool_paper_begin(paper, TOOL_GREEN),
            *summary->type != '\0' ? summary->type : "-", tool_paper_end(paper, TOOL_GREEN));
    if (*summary->name != '\0') {
        fprintf(out, "  %s%s%s", tool_paper_begin(paper, TOOL_BOLD), summary->name,
                tool_paper_end(paper, TOOL_BOLD));
    }
    fputc('\n', out);
}

static void print_long(const ls_request *request, const ls_entry *entry, FILE *out)
{
    const autobus_sighting *sighting = entry->sighting;
    print_title(request, &entry->summary, out);
    char *id = tool_text_clean(autobus_sighting_id(sighting));
    fprintf(out, "  service   %s\n", id);
    free(id);
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        char *address = tool_address_text(autobus_sighting_location_host(sighting, i),
                                          autobus_sighting_location_port(sighting, i));
        fprintf(out, "  %s  %s\n", i == 0 ? "location" : "        ", address);
        free(address);
    }
    fputs("  info\n", out);
    json_object *info = tool_json_info(sighting);
    struct json_object_iterator end = json_object_iter_end(info);
    struct json_object_iterator at = json_object_iter_begin(info);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        char *name = tool_text_clean(json_object_iter_peek_name(&at));
        fprintf(out, "    %s%s:%s ", tool_paper_begin(&request->asked.paper, TOOL_BLUE), name,
                tool_paper_end(&request->asked.paper, TOOL_BLUE));
        tool_json_print_pretty(json_object_iter_peek_value(&at), "    ", out);
        free(name);
    }
    json_object_put(info);
}

static void print_json(const autobus_sighting *sighting, const char *event, FILE *out)
{
    json_object *object = tool_json_sighting(sighting, event);
    tool_json_print(object, out);
    json_object_put(object);
}

void ls_print_list(const ls_request *request, const ls_entries *entries, FILE *out)
{
    if (request->form == LS_TABLE) {
        ls_print_table(request, entries, false, entries->count, "\n", out);
        return;
    }
    for (size_t i = 0; i < entries->count; i++) {
        if (request->form == LS_JSON) {
            print_json(entries->list[i]->sighting, NULL, out);
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
    case LS_JSON: print_json(entry->sighting, events[change], out); break;
    case LS_TABLE: print_change_line(request, entry, marks[change], out); break;
    case LS_LONG:
        fprintf(out, "%c ", (char)marks[change]);
        print_long(request, entry, out);
        break;
    }
}
