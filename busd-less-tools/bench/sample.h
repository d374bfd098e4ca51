/* SPDX-License-Identifier: MIT
 * A sample: many measurements of one thing, in nanoseconds or whatever else, and what stands out of them. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>

typedef struct bench_sample {
    double *values; /* owned */
    size_t count, room;
} bench_sample;

/** Empty, with room for that many. */
void bench_sample_init(bench_sample *self, size_t room);
void bench_sample_fini(bench_sample *self);
void bench_sample_add(bench_sample *self, double value);
/** Puts them in order; before the first question, and after the last addition. */
void bench_sample_sort(bench_sample *self);
/** The smallest value that a share (0 to 1) of them does not exceed; 0 of an empty one. */
double bench_sample_share(const bench_sample *self, double share);

/** Microseconds of a clock that never jumps. */
double bench_sample_now_us(void);

#endif
