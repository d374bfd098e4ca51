/* SPDX-License-Identifier: MIT
 * The forms of a portrait. */
#include "show/print.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "show/example.h"
#include "tool/card.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/quote.h"
#include "tool/signature.h"
#include "tool/text.h"

/* How the service is typed: as it was, unless that means several. */
static char *typed_of(const show_request *request, const show_portrait *portrait)
{
    const tool_target *target = &request->asked.target;
    const tool_subject *subject = &portrait->subject;
    if (subject->place != NULL && subject->id != NULL) {
        char *text = tool_place_text(subject->place->host, subject->place->port, subject->id);
        char *typed = tool_quote(text);
        free(text);
        return typed;
    }
    if (subject->id != NULL && (target->takes_each || target->takes_any)) {
        tool_choice alone = {.id = subject->id};
        return tool_choice_typed(&alone);
    }
    return tool_target_typed(target);
}

/* Text of several lines, each behind the indent. */
static void print_doc(json_object *map, const char *indent, FILE *out)
{
    json_object *doc = json_object_object_get(map, "doc");
    if (!json_object_is_type(doc, json_type_string)) {
        return;
    }
    char *copy = tool_text_format("%s", json_object_get_string(doc));
    char *rest = copy;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        char *clean = tool_text_clean(line);
        fprintf(out, "%s%s\n", *clean != '\0' ? indent : "", clean);
        free(clean);
    }
    free(copy);
}

static void print_heading(const tool_paper *paper, const char *text, FILE *out)
{
    fprintf(out, "\n%s%s%s\n", tool_paper_begin(paper, TOOL_BOLD), text,
            tool_paper_end(paper, TOOL_BOLD));
}

static void print_parameter_docs(json_object *description, FILE *out)
{
    json_object *list = json_object_object_get(description, "parameters");
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        json_object *parameter = json_object_array_get_idx(list, i);
        const char *doc = json_object_get_string(json_object_object_get(parameter, "doc"));
        const char *name = json_object_get_string(json_object_object_get(parameter, "name"));
        if (doc != NULL && name != NULL) {
            char *text = tool_text_format("%s: %s", name, doc);
            char *clean = tool_text_clean(text);
            fprintf(out, "      %s\n", clean);
            free(clean);
            free(text);
        }
    }
}

/* The value of now, cut where a terminal ends: -j has it whole. */
static void print_value(const tool_paper *paper, const show_portrait *portrait, const char *name,
                        size_t used, FILE *out)
{
    json_object *value = NULL;
    if (!json_object_object_get_ex(portrait->values, name, &value)) {
        return;
    }
    char *line = tool_json_line(value);
    size_t room = paper->width > used + 3 ? paper->width - used - 3 : 1;
    char *cut = paper->is_terminal ? tool_text_cut(line, room) : tool_text_format("%s", line);
    fprintf(out, " = %s%s%s", tool_paper_begin(paper, TOOL_GREEN), cut,
            tool_paper_end(paper, TOOL_GREEN));
    free(cut);
    free(line);
}

typedef struct section {
    const char *kind;
    char *(*sign)(const char *name, json_object *description);
} section;

static char *sign_channel(const char *name, json_object *description)
{
    bool is_stream = json_object_get_boolean(json_object_object_get(description, "stream"));
    char *text = tool_text_format("%s%s", name, is_stream ? " (a stream)" : "");
    char *clean = tool_text_clean(text);
    free(text);
    return clean;
}

static void print_section(const tool_paper *paper, const show_portrait *portrait, section about,
                          FILE *out)
{
    size_t count;
    json_object *members = tool_details_members(portrait->entry, about.kind);
    const char **names = tool_details_names(members, &count);
    if (count > 0) {
        print_heading(paper, about.kind, out);
    }
    for (size_t i = 0; i < count; i++) {
        json_object *description = json_object_object_get(members, names[i]);
        char *signature = about.sign(names[i], description);
        fprintf(out, "  %s", signature);
        if (strcmp(about.kind, "objects") == 0) {
            print_value(paper, portrait, names[i], tool_text_width(signature) + 2, out);
        }
        fputc('\n', out);
        print_doc(description, "      ", out);
        print_parameter_docs(description, out);
        free(signature);
    }
    free(names);
}

static void print_examples(const tool_paper *paper, json_object *examples, FILE *out)
{
    size_t count = json_object_array_length(examples);
    if (count > 0) {
        print_heading(paper, "try", out);
    }
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "  %s\n", json_object_get_string(json_object_array_get_idx(examples, i)));
    }
}

static void print_card(const tool_paper *paper, const show_portrait *portrait, FILE *out)
{
    const tool_subject *subject = &portrait->subject;
    tool_summary summary;
    uint16_t port;
    json_object *info = portrait->info != NULL ? json_object_get(portrait->info)
                                               : tool_text_checked(json_object_new_object());
    const char *host = tool_subject_location(subject, 0, &port);
    tool_summary_init(&summary, info, host, port);
    tool_card_title(paper, &summary, out);
    print_doc(portrait->entry, "  ", out);
    if (subject->id != NULL) {
        tool_card_id(subject->id, out);
    }
    for (size_t i = 0; (host = tool_subject_location(subject, i, &port)) != NULL; i++) {
        tool_card_location(host, port, i == 0, out);
    }
    tool_card_info(paper, info, out);
    tool_summary_fini(&summary);
    json_object_put(info);
}

static void print_all(const show_request *request, const show_portrait *portrait,
                      json_object *examples, FILE *out)
{
    static const section sections[] = {
        {"functions", tool_signature_of_call},
        {"objects", tool_signature_of_value},
        {"events", tool_signature_of_call},
        {"channels", sign_channel},
    };
    const tool_paper *paper = &request->asked.paper;
    print_card(paper, portrait, out);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        print_section(paper, portrait, sections[i], out);
    }
    print_examples(paper, examples, out);
}

static json_object *with_values(const show_portrait *portrait)
{
    json_object *objects = tool_text_checked(json_object_new_object());
    json_object *members = tool_details_members(portrait->entry, "objects");
    size_t count;
    const char **names = tool_details_names(members, &count);
    for (size_t i = 0; i < count; i++) {
        json_object *copy = NULL;
        json_object *value = NULL;
        json_object *description = json_object_object_get(members, names[i]);
        if (!json_object_is_type(description, json_type_object) ||
            json_object_deep_copy(description, &copy, NULL) != 0) {
            copy = tool_text_checked(json_object_new_object());
        }
        if (json_object_object_get_ex(portrait->values, names[i], &value)) {
            json_object_object_add(copy, "value", json_object_get(value));
        }
        json_object_object_add(objects, names[i], copy);
    }
    free(names);
    return objects;
}

static void print_json(const show_portrait *portrait, json_object *examples, FILE *out)
{
    static const char *const kinds[] = {"doc", "functions", "events", "channels"};
    const tool_subject *subject = &portrait->subject;
    json_object *line =
        subject->sighting != NULL
            ? tool_json_sighting(subject->sighting, NULL)
            : tool_json_at(subject->place->host, subject->place->port, subject->id, portrait->info);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        json_object *part = NULL;
        if (json_object_object_get_ex(portrait->entry, kinds[i], &part)) {
            json_object_object_add(line, kinds[i], json_object_get(part));
        }
    }
    json_object_object_add(line, "objects", with_values(portrait));
    json_object_object_add(line, "examples", json_object_get(examples));
    tool_json_print(line, out);
    json_object_put(line);
}

static void print_names(const show_request *request, const show_portrait *portrait, FILE *out)
{
    size_t count;
    const char **names =
        tool_details_names(tool_details_members(portrait->entry, request->names), &count);
    for (size_t i = 0; i < count; i++) {
        char *clean = tool_text_clean(names[i]);
        fprintf(out, "%s\n", clean);
        free(clean);
    }
    free(names);
}

void show_print(const show_request *request, const show_portrait *portrait, FILE *out)
{
    if (request->names != NULL) {
        print_names(request, portrait, out);
        return;
    }
    char *typed = typed_of(request, portrait);
    json_object *examples = show_examples(portrait->entry, typed);
    if (request->asked.wants_json) {
        print_json(portrait, examples, out);
    } else {
        print_all(request, portrait, examples, out);
    }
    json_object_put(examples);
    free(typed);
}
