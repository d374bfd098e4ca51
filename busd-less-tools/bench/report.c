/* SPDX-License-Identifier: MIT
 * Tables and JSON lines of figures. */
#include "bench/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

static const tool_column columns[] = {
    {"FIGURE", false, TOOL_PLAIN},
    {"MEASURED", false, TOOL_BOLD},
};

void bench_report_init(bench_report *self, const bench_request *request)
{
    *self =
        (bench_report){.request = request, .object = tool_text_checked(json_object_new_object())};
    tool_table_init(&self->table, columns, sizeof columns / sizeof *columns);
    bench_report_text(self, "bench", NULL, request->verb);
    bench_report_text(self, "transport", NULL, request->transport);
    bench_report_text(self, "wire", NULL, request->wire);
}

void bench_report_fini(bench_report *self)
{
    json_object_put(self->object);
    tool_table_fini(&self->table);
    *self = (bench_report){0};
}

static void add_row(bench_report *self, const char *label, const char *value)
{
    if (label != NULL) {
        tool_table_add(&self->table, (const char *const[]){label, value}, TOOL_PLAIN);
    }
}

/* 1234567.8 as "1,234,567.8". */
static char *grouped(double value, int digits)
{
    char plain[64];
    char text[96];
    snprintf(plain, sizeof plain, "%.*f", digits, value);
    size_t whole = strcspn(plain, ".");
    size_t used = 0;
    for (size_t i = 0; plain[i] != '\0'; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0 && plain[i - 1] != '-') {
            text[used++] = ',';
        }
        text[used++] = plain[i];
    }
    text[used] = '\0';
    return tool_text_checked(strdup(text));
}

void bench_report_add(bench_report *self, const char *key, const char *label, double value,
                      int digits, const char *unit)
{
    json_object *number;
    if (digits == 0) {
        number = json_object_new_int64((int64_t)llround(value));
    } else {
        char plain[64];
        snprintf(plain, sizeof plain, "%.*f", digits, value);
        number = json_object_new_double_s(strtod(plain, NULL), plain);
    }
    json_object_object_add(self->object, key, tool_text_checked(number));
    char *figure = grouped(value, digits);
    char *text = tool_text_format("%s%s%s", figure, *unit != '\0' ? " " : "", unit);
    add_row(self, label, text);
    free(text);
    free(figure);
}

void bench_report_text(bench_report *self, const char *key, const char *label, const char *value)
{
    json_object_object_add(self->object, key, tool_text_checked(json_object_new_string(value)));
    add_row(self, label, value);
}

void bench_report_unknown(bench_report *self, const char *key, const char *label,
                          const char *reason)
{
    json_object_object_add(self->object, key, NULL);
    char *text = tool_text_format("not counted: %s", reason);
    add_row(self, label, text);
    free(text);
}

void bench_report_print(const bench_report *self)
{
    if (self->request->wants_json) {
        tool_json_print(self->object, stdout);
    } else {
        tool_table_print(&self->table, &self->request->paper, !self->request->family.is_quiet,
                         self->table.rows, "\n", stdout);
    }
}
