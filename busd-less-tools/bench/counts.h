/* SPDX-License-Identifier: MIT
 * What the kernel has counted of a process, read without any privilege. */
#ifndef BENCH_COUNTS_H
#define BENCH_COUNTS_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct bench_counts {
    long
        sleeps; /**< voluntary context switches of all its threads that live: each a sleep, and a wake */
    long threads;
    long resident_kb, private_kb; /**< -1: the kernel does not tell */
} bench_counts;

/** Of that process; false if it is gone, or not ours to look at. */
bool bench_counts_of(pid_t process, bench_counts *ret_counts);

/** Voluntary context switches of the calling thread. */
long bench_counts_own_sleeps(void);

#endif
