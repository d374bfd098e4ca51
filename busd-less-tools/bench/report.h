/* SPDX-License-Identifier: MIT
 * What a benchmark found: figures, in order, printed as a table for people or as one JSON object. The keys are
 * the contract of --json; docs/tools.md tells them. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <json-c/json_types.h>

#include "bench/request.h"
#include "tool/table.h"

typedef struct bench_report {
    const bench_request *request;
    json_object *object;
    tool_table table;
} bench_report;

/** Begins with what every line says: the benchmark, its transport, its wire. */
void bench_report_init(bench_report *self, const bench_request *request);
void bench_report_fini(bench_report *self);

/** A figure, with so many digits behind the point. `label` NULL: for programs only. */
void bench_report_add(bench_report *self, const char *key, const char *label, double value,
                      int digits, const char *unit);
void bench_report_text(bench_report *self, const char *key, const char *label, const char *value);
/** A figure that cannot be told here, and why: null. */
void bench_report_unknown(bench_report *self, const char *key, const char *label,
                          const char *reason);
void bench_report_print(const bench_report *self);

#endif
