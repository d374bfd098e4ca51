/* SPDX-License-Identifier: MIT
 * A mark: a system call without effect by which a traced process tells its tracer where it is. */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

typedef enum bench_mark {
    BENCH_MARK_CALL = 0x61757400, /**< a call begins; with the first one, the count */
    BENCH_MARK_PAUSE,             /**< what follows is not part of a call */
    BENCH_MARK_END                /**< the count is over */
} bench_mark;

/** Makes the mark; the caller is being traced. */
void bench_mark_make(bench_mark mark);

/** The number of that system call; its first argument is the mark. */
long bench_mark_call(void);

#endif
