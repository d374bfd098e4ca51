/* SPDX-License-Identifier: MIT
 * A run under way: whether it goes on, how far it is, and waiting that can be interrupted. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bench_run {
    const char *name; /**< of the benchmark */
    int signals;      /**< as of tool_signals_open() */
    bool shows;       /**< standard error is a terminal, and nobody asked for quiet */
    bool is_shown;
    bool is_interrupted;
    int64_t told_ms;
} bench_run;

void bench_run_init(bench_run *self, const char *name, int signals, bool is_quiet);
/** Wipes the progress line away: before anything else is said, and at the end. */
void bench_run_wipe(bench_run *self);

/** False once somebody has interrupted it. */
bool bench_run_goes_on(bench_run *self);
/** The same, and shows how far it is where a person looks; not more often than they can read. */
bool bench_run_progress(bench_run *self, uint64_t done, uint64_t total);

/** Waits for a bell (bench/bell.h). False: the time was over, or somebody interrupted. */
bool bench_run_wait(bench_run *self, int bell, int limit_ms);
/** Lets time go by; false if interrupted. */
bool bench_run_sleep(bench_run *self, int ms);

#endif
