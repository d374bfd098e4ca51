/* SPDX-License-Identifier: MIT
 * Waiting in tests: for a condition, with a bound, never for luck. */
#ifndef AUTOBUS_TEST_EVENTUALLY_H
#define AUTOBUS_TEST_EVENTUALLY_H

#include <criterion/criterion.h>
#include <time.h>

#define EVENTUALLY_MS 10000

static inline void eventually_wait_until_next_look(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/** Looks again every millisecond until the condition holds; fails the test if it does not in ten seconds. */
#define EVENTUALLY(condition)                                             \
    do {                                                                  \
        int left_ = EVENTUALLY_MS;                                        \
        while (!(condition) && left_-- > 0)                               \
            eventually_wait_until_next_look();                            \
        cr_assert(left_ > 0, "%s did not come true in time", #condition); \
    } while (0)

#endif
