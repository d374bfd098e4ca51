/* SPDX-License-Identifier: MIT
 * A second process: this same program under another verb, started for the time of a run. It says one line when it
 * is ready, and ends when its standard input does, so that it never outlives us. */
#ifndef BENCH_SECOND_H
#define BENCH_SECOND_H

#include <stdbool.h>
#include <sys/types.h>

#include "bench/run.h"

typedef struct bench_second {
    pid_t process; /* 0: none */
    int input, output;
    char line[512];
    size_t length;
} bench_second;

/** Starts it with these words behind the program's name (ends with NULL). With `is_traced` it stops before its
 *  first instruction, for the calling thread to trace. False: it says why. */
bool bench_second_start(bench_second *self, const char *const *words, bool is_traced);
/** Reads what it has said, without waiting; true once there is a whole line, in self->line. */
bool bench_second_reads(bench_second *self);
/** Waits for its line. False: it says why, unless interrupted. */
bool bench_second_is_ready(bench_second *self, bench_run *run, int limit_ms);
/** Lets it end, or ends it if that takes long. */
void bench_second_end(bench_second *self);
/** Ends it at once; the caller waits for it, and for its threads if it traced them. */
void bench_second_kill(bench_second *self);

#endif
