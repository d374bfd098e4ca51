/* SPDX-License-Identifier: MIT
 * Sleeping until. */
#include "base/deadline.h"

struct timespec ab_deadline_in(ab_time wait)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    wait += until.tv_nsec / 1000;
    until.tv_sec += (time_t)(wait / 1000000);
    until.tv_nsec = (long)(wait % 1000000) * 1000;
    return until;
}

void ab_deadline_init_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}
