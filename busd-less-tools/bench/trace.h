/* SPDX-License-Identifier: MIT
 * System calls, counted exactly and without privilege: client and service run once more, briefly, as children that
 * we trace (ptrace). That is far too slow to take times by, so those come from a run of their own. */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include "bench/request.h"
#include "bench/run.h"

typedef struct bench_trace_part {
    const char *reason;    /**< why nothing was counted; NULL: it was */
    double calls, futexes; /**< system calls for each call of a function; those that are futex */
    double usual, usual_futexes; /**< the same in the median call, which no busy machine changes */
} bench_trace_part;

typedef struct bench_trace {
    bench_trace_part client, server;
} bench_trace;

/** Counts, in the calling thread. What cannot be counted has a reason. */
void bench_trace_run(bench_trace *ret_trace, const bench_request *request, bench_run *run);

#endif
