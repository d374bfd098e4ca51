/* SPDX-License-Identifier: MIT
 * What every program of this folder does with a call: makes it many times, one after the other, and prints the median,
 * the 99th percentile and the mean as one JSON object. It knows nothing of what a call is. */
#ifndef PEERS_ROUNDS_H
#define PEERS_ROUNDS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAYLOAD = 64,
    WARM_UP_MOST = 1000
};

typedef struct rounds {
    double *times;
    long count, done, warm_up;
    double begun_us;
} rounds;

static inline double rounds_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline void rounds_fail(const char *what)
{
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static inline void rounds_hold(int holds, const char *what)
{
    if (!holds) {
        rounds_fail(what);
    }
}

static inline void rounds_ready(void)
{
    puts("ready");
    fflush(stdout);
}

static inline void rounds_init(rounds *self, const char *count)
{
    *self = (rounds){.count = strtol(count, NULL, 10)};
    self->warm_up = self->count / 10 < WARM_UP_MOST ? self->count / 10 + 1 : WARM_UP_MOST;
    self->times = calloc((size_t)self->count, sizeof *self->times);
    rounds_hold(self->times != NULL && self->count > 0, "COUNT");
}

static inline int rounds_by_time(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static inline void rounds_print(rounds *self)
{
    double sum = 0;
    for (long i = 0; i < self->count; i++) {
        sum += self->times[i];
    }
    qsort(self->times, (size_t)self->count, sizeof *self->times, rounds_by_time);
    printf("{\"median_us\": %.3f, \"p99_us\": %.3f, \"mean_us\": %.3f, \"calls\": %ld}\n",
           self->times[self->count / 2], self->times[self->count - 1 - self->count / 100],
           sum / (double)self->count, self->count);
    free(self->times);
}

/* Around each call: true as long as there is one more to make. */
static inline int rounds_begin(rounds *self)
{
    self->begun_us = rounds_now_us();
    return self->done < self->warm_up + self->count;
}

static inline void rounds_end(rounds *self)
{
    double took = rounds_now_us() - self->begun_us;
    if (self->done >= self->warm_up) {
        self->times[self->done - self->warm_up] = took;
    }
    self->done++;
}

static inline void rounds_fill(char *payload)
{
    memset(payload, 'x', PAYLOAD);
    payload[PAYLOAD] = '\0';
}

#endif
