/* SPDX-License-Identifier: MIT
 * Time: microseconds that never jump back and go on during suspend (CLOCK_BOOTTIME). Tests hand in a clock
 * of their own. The wall clock is nowhere used for timing. */
#ifndef AB_BASE_CLOCK_H
#define AB_BASE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

typedef int64_t ab_time; /**< microseconds */
#define AB_NEVER  INT64_MAX
#define AB_MS(ms) ((ab_time)(ms)*1000)

typedef struct ab_clock ab_clock;
struct ab_clock {
    ab_time (*now)(const ab_clock *clock);
    ab_time (*tick)(const ab_clock *clock);
};
ab_time ab_clock_now(const ab_clock *clock);
/** As it was some milliseconds ago at most, from any beginning, and much cheaper: as long as it stays the same, little
 *  time has passed. */
ab_time ab_clock_tick(const ab_clock *clock);
/** The real one. */
extern const ab_clock ab_clock_real;

/** A clock that stands still until told. */
typedef struct ab_clock_fake {
    ab_clock clock;
    _Atomic ab_time at; /**< a loop may read it on its own thread */
} ab_clock_fake;
void ab_clock_fake_init(ab_clock_fake *fake, ab_time start);
void ab_clock_fake_advance(ab_clock_fake *fake, ab_time by);

#endif
