/* SPDX-License-Identifier: MIT
 * Printing. What the network said is made harmless here. */
#include "doctor/print.h"

#include <stdlib.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/table.h"
#include "tool/text.h"

static const tool_style styles[] = {
    [DOCTOR_FINE] = TOOL_PLAIN, [DOCTOR_NOTE] = TOOL_YELLOW, [DOCTOR_BAD] = TOOL_RED};

static void add_row(tool_table *table, const doctor_finding *finding)
{
    char *check = tool_text_format("%s%s%s", finding->check, *finding->subject != '\0' ? " " : "",
                                   finding->subject);
    char *clean_check = tool_text_clean(check);
    char *clean_text = tool_text_clean(finding->text);
    const char *cells[] = {clean_check, doctor_state_name(finding->state), clean_text};
    tool_table_add(table, cells, styles[finding->state]);
    free(clean_text);
    free(clean_check);
    free(check);
}

static void print_table(const doctor_request *request, const doctor_findings *findings, FILE *out)
{
    static const tool_column columns[] = {
        {"CHECK", true, TOOL_PLAIN}, {"STATE", false, TOOL_PLAIN}, {"FOUND", true, TOOL_PLAIN}};
    const tool_family *family = &request->asked.family;
    tool_table table;
    tool_table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < findings->count; i++) {
        add_row(&table, &findings->list[i]);
    }
    tool_table_print(&table, &request->asked.paper, !family->is_quiet, findings->count, "\n", out);
    tool_table_fini(&table);
}

static void print_verdict(const doctor_request *request, const doctor_verdict *verdict, FILE *out)
{
    const tool_paper *paper = &request->asked.paper;
    char *clean = tool_text_clean(verdict->sentence);
    fprintf(out, "%s%s%s%s\n", request->asked.family.is_quiet ? "" : "\n",
            tool_paper_begin(paper, TOOL_BOLD), clean, tool_paper_end(paper, TOOL_BOLD));
    free(clean);
}

static json_object *line(const char *check, const char *subject, doctor_state state,
                         const char *text)
{
    json_object *object = tool_text_checked(json_object_new_object());
    json_object_object_add(object, "check", json_object_new_string(check));
    json_object_object_add(object, "subject", json_object_new_string(subject));
    json_object_object_add(object, "state", json_object_new_string(doctor_state_name(state)));
    json_object_object_add(object, "found", json_object_new_string(text));
    return object;
}

static void print_json(const doctor_findings *findings, const doctor_verdict *verdict, FILE *out)
{
    for (size_t i = 0; i < findings->count; i++) {
        const doctor_finding *it = &findings->list[i];
        json_object *object = line(it->check, it->subject, it->state, it->text);
        struct json_object_iterator end = json_object_iter_end(it->details);
        struct json_object_iterator at = json_object_iter_begin(it->details);
        for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
            json_object_object_add(object, json_object_iter_peek_name(&at),
                                   json_object_get(json_object_iter_peek_value(&at)));
        }
        tool_json_print(object, out);
        json_object_put(object);
    }
    json_object *last =
        line("verdict", verdict->cause, verdict->code == TOOL_DONE ? DOCTOR_FINE : DOCTOR_BAD,
             verdict->sentence);
    json_object_object_add(last, "exit", json_object_new_int((int)verdict->code));
    tool_json_print(last, out);
    json_object_put(last);
}

void doctor_print(const doctor_request *request, const doctor_findings *findings,
                  const doctor_verdict *verdict, FILE *out)
{
    if (request->asked.wants_json) {
        print_json(findings, verdict, out);
        return;
    }
    print_table(request, findings, out);
    print_verdict(request, verdict, out);
}
