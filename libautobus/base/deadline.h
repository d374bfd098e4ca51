/* SPDX-License-Identifier: MIT
 * Until when a thread sleeps: a moment of the monotonic clock, which nobody sets, and conditions that go by it. Real
 * time always; a test's clock moves no sleeper. */
#ifndef AB_BASE_DEADLINE_H
#define AB_BASE_DEADLINE_H

#include <pthread.h>
#include <time.h>

#include "base/clock.h"

/** So long from now; for pthread_cond_timedwait(). */
struct timespec ab_deadline_in(ab_time wait);
/** A condition that goes by such deadlines. */
void ab_deadline_init_cond(pthread_cond_t *cond);

#endif
