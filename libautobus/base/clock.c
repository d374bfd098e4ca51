/* SPDX-License-Identifier: MIT
 * The real clock and the fake one. Knows no timers. */
#include "base/clock.h"

#include <time.h>

static ab_time read_kernel(clockid_t kind)
{
    struct timespec time;
    clock_gettime(kind, &time);
    return (ab_time)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static ab_time now_really(const ab_clock *clock)
{
    (void)clock;
    return read_kernel(CLOCK_BOOTTIME);
}

static ab_time tick_really(const ab_clock *clock)
{
    (void)clock;
    return read_kernel(CLOCK_MONOTONIC_COARSE);
}

const ab_clock ab_clock_real = {now_really, tick_really};

ab_time ab_clock_now(const ab_clock *clock)
{
    return clock->now(clock);
}

ab_time ab_clock_tick(const ab_clock *clock)
{
    return clock->tick(clock);
}

static ab_time now_as_told(const ab_clock *clock)
{
    return ((const ab_clock_fake *)(const void *)clock)->at;
}

void ab_clock_fake_init(ab_clock_fake *fake, ab_time start)
{
    fake->clock = (ab_clock){now_as_told, now_as_told};
    fake->at = start;
}

void ab_clock_fake_advance(ab_clock_fake *fake, ab_time by)
{
    fake->at += by;
}
