/* SPDX-License-Identifier: MIT
 * How long callbacks take. To look at the time takes as long as what is quick: a few of those are measured together,
 * as many as will take no longer than the slowest that is quick, and unless the kernel's clock ticks meanwhile, at
 * which it costs next to nothing to look. One thread at a time. */
#ifndef AB_LOOP_STOPWATCH_H
#define AB_LOOP_STOPWATCH_H

#include <stdbool.h>

#include "base/clock.h"

#define AB_QUICK ((ab_time)50) /**< what others said may wait for a callback that takes less */

typedef struct ab_stopwatch {
    const ab_clock *clock;
    ab_time begun; /**< when it was looked at last */
    ab_time tick;  /**< and what the kernel's clock said; AB_NEVER: nobody had to know */
    unsigned laps; /**< since then */
    ab_time each;  /**< of those measured last, how long one took */
} ab_stopwatch;

/** From now on. */
void ab_stopwatch_start(ab_stopwatch *watch, const ab_clock *clock);
/** A callback has run. True: *took is how long, with those before that were not measured, and the next begins now.
 *  False, only if it `may_join`: it is measured with the next. */
bool ab_stopwatch_lap(ab_stopwatch *watch, bool may_join, ab_time *took);

#endif
