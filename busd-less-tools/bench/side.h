/* SPDX-License-Identifier: MIT
 * The other side of a run: a service elsewhere, or a second process of our own. */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include "bench/line.h"
#include "bench/place.h"
#include "bench/request.h"
#include "bench/run.h"
#include "bench/second.h"

typedef struct bench_side {
    const bench_request *request;
    bench_run *run;
    tool_place place;
    bench_second second; /* not started if it is elsewhere */
    bench_line *line;    /* ours to it */
} bench_side;

/** Finds or starts it. TOOL_DONE, or a code after it has said why; bench_side_close() in either case. */
tool_exit bench_side_open(bench_side *self, const bench_request *request, bench_run *run);
/** The same, and opens the line. */
tool_exit bench_side_connect(bench_side *self, const bench_request *request, bench_run *run);
void bench_side_close(bench_side *self);

/** How often its threads have slept so far; false if it does not tell. */
bool bench_side_counts(bench_side *self, long *ret_sleeps);

/** [payload] as JSON text, for so many bytes. free() it. */
char *bench_side_arguments(const bench_request *request);

#endif
