/* SPDX-License-Identifier: MIT
 * Sleeping until a moment. */
#include <errno.h>

#include <criterion/criterion.h>

#include "base/deadline.h"

static int64_t us_between(const struct timespec *from, const struct timespec *to)
{
    return (int64_t)(to->tv_sec - from->tv_sec) * 1000000 + (to->tv_nsec - from->tv_nsec) / 1000;
}

Test(deadline, is_so_long_from_now)
{
    const ab_time waits[] = {0, 1, 999999, AB_MS(1000), AB_MS(2147483647)};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct timespec before, after, until;
        clock_gettime(CLOCK_MONOTONIC, &before);
        until = ab_deadline_in(waits[i]);
        clock_gettime(CLOCK_MONOTONIC, &after);
        cr_expect(until.tv_nsec >= 0 && until.tv_nsec < 1000000000);
        cr_expect_geq(us_between(&before, &until), waits[i] - 1);
        cr_expect_leq(us_between(&after, &until), waits[i] + 1);
    }
}

Test(deadline, ends_the_wait_for_a_condition)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond;
    ab_deadline_init_cond(&cond);
    struct timespec until = ab_deadline_in(AB_MS(20)), after;
    pthread_mutex_lock(&mutex);
    while (pthread_cond_timedwait(&cond, &mutex, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&mutex);
    clock_gettime(CLOCK_MONOTONIC, &after);
    cr_expect_geq(us_between(&until, &after), 0);
    pthread_cond_destroy(&cond);
}
