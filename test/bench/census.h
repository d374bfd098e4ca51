/* SPDX-License-Identifier: MIT
 * What the measured programs share: the time, and a census, which counts the services that a listener shows
 * and lets a thread wait until so many are there. Knows the public API; does not know what is measured. */
#ifndef TEST_BENCH_CENSUS_H
#define TEST_BENCH_CENSUS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <autobus/autobus.h>

/** Microseconds of CLOCK_MONOTONIC, which all hosts of a town share. */
static inline int64_t bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline struct timespec bench_time(int64_t us)
{
    return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
}

/** Ends the program with the library's sentence. */
static inline void bench_insist(autobus_result result, const char *what)
{
    if (result == AUTOBUS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, autobus_last_error());
    exit(1);
}

typedef struct census {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    size_t appeared, left;
    size_t info_bytes; /**< of everything that appeared */
    size_t awaited;
    int64_t reached; /**< when that many had appeared; 0: not yet */
    int64_t last;    /**< when the last event came */
} census;

static inline void census_init(census *all, size_t awaited)
{
    pthread_condattr_t attributes;
    *all = (census){.awaited = awaited};
    pthread_mutex_init(&all->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&all->news, &attributes);
    pthread_condattr_destroy(&attributes);
}

/** The listener's callback; userdata is the census. */
static inline void census_heard(void *userdata, autobus_change change, const autobus_sighting *seen)
{
    census *all = userdata;
    pthread_mutex_lock(&all->mutex);
    all->last = bench_now();
    all->left += change == AUTOBUS_LEFT;
    if (change == AUTOBUS_APPEARED) {
        all->appeared++;
        all->info_bytes += strlen(autobus_sighting_info_text(seen));
        if (all->appeared == all->awaited) {
            all->reached = all->last;
            pthread_cond_broadcast(&all->news);
        }
    }
    pthread_mutex_unlock(&all->mutex);
}

/** Waits until the awaited number has appeared, at most so long; whether it has. */
static inline bool census_wait_until_reached(census *all, int64_t most_us)
{
    struct timespec deadline = bench_time(bench_now() + most_us);
    pthread_mutex_lock(&all->mutex);
    while (all->reached == 0 && pthread_cond_timedwait(&all->news, &all->mutex, &deadline) == 0)
        continue;
    bool is_reached = all->reached != 0;
    pthread_mutex_unlock(&all->mutex);
    return is_reached;
}

/** The number behind `name` among the arguments, which are pairs. */
static inline int64_t bench_argument(int argc, char **argv, const char *name, int64_t otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0)
            return strtoll(argv[i + 1], NULL, 10);
    }
    return otherwise;
}

#endif
