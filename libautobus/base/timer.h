/* SPDX-License-Identifier: MIT
 * Timers in a heap. The heap knows no clock: its owner asks for the next deadline and says what time it is. */
#ifndef AB_BASE_TIMER_H
#define AB_BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

typedef struct ab_timer ab_timer;
struct ab_timer {
    void (*fire)(
        ab_timer *
            timer); /**< the timer is idle again when this is called; it may start it, or free it */
    ab_time due;
    uint64_t order; /**< timers due at the same time fire in the order they were started */
    size_t slot;    /**< place in the heap + 1; 0: idle */
};

typedef struct ab_timers {
    ab_timer **heap;
    size_t count, capacity;
    uint64_t started; /**< how often any was */
    ab_time now;      /**< while timers are fired; else before all time */
} ab_timers;

void ab_timers_init(ab_timers *timers);
/** Every timer still running becomes idle. */
void ab_timers_fini(ab_timers *timers);
/** The earliest deadline, AB_NEVER without one. */
ab_time ab_timers_next(const ab_timers *timers);
/** Fires what is due at `now`, earliest first, each at most once a call. Returns how many. */
size_t ab_timers_run(ab_timers *timers, ab_time now);

void ab_timer_init(ab_timer *timer, void (*fire)(ab_timer *timer));
/** Starts it, or moves it. */
void ab_timer_start(ab_timers *timers, ab_timer *timer, ab_time due);
void ab_timer_stop(ab_timers *timers, ab_timer *timer);
static inline bool ab_timer_is_running(const ab_timer *timer)
{
    return timer->slot != 0;
}

#endif
