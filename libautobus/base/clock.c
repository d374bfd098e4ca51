/* SPDX-License-Identifier: MIT
 * The real clock and the fake one. Knows no timers. */
#include "base/clock.h"

#include <time.h>

static ab_time now_really(const ab_clock *clock)
{
    (void)clock;
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (ab_time)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

const ab_clock ab_clock_real = {now_really};

ab_time ab_clock_now(const ab_clock *clock)
{
    return clock->now(clock);
}

static ab_time now_as_told(const ab_clock *clock)
{
    return ((const ab_clock_fake *)(const void *)clock)->at;
}

void ab_clock_fake_init(ab_clock_fake *fake, ab_time start)
{
    fake->clock.now = now_as_told;
    fake->at = start;
}

void ab_clock_fake_advance(ab_clock_fake *fake, ab_time by)
{
    fake->at += by;
}
