/* SPDX-License-Identifier: MIT
 * Measures callbacks one by one, or some quick ones together. */
#include "loop/stopwatch.h"

/* Callbacks that are measured together, at most. */
#define TOGETHER 16U

void ab_stopwatch_start(ab_stopwatch *watch, const ab_clock *clock)
{
    *watch = (ab_stopwatch){
        .clock = clock,
        .begun = ab_clock_now(clock),
        .tick = AB_NEVER,
    };
}

bool ab_stopwatch_lap(ab_stopwatch *watch, bool may_join, ab_time *took)
{
    ab_time tick = may_join ? ab_clock_tick(watch->clock) : AB_NEVER;
    watch->laps++;
    if (may_join && tick == watch->tick && watch->laps < TOGETHER &&
        (watch->laps + 1) * watch->each < AB_QUICK)
        return false;
    ab_time now = ab_clock_now(watch->clock);
    *took = now - watch->begun;
    watch->each = *took / watch->laps;
    watch->begun = now;
    watch->tick = tick;
    watch->laps = 0;
    return true;
}
