/* SPDX-License-Identifier: MIT
 * Callbacks are measured one by one, or some quick ones together; and then not for long. */
#include "loop/stopwatch.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "base/compiler.h"

/* How often it was asked, exactly and roughly. */
typedef struct counting_clock {
    ab_clock clock;
    ab_time at, tick;
    unsigned asked;
} counting_clock;

static ab_time count_now(const ab_clock *clock)
{
    counting_clock *it = AB_CONTAINER((ab_clock *)(uintptr_t)clock, counting_clock, clock);
    it->asked++;
    return it->at;
}

static ab_time tell_tick(const ab_clock *clock)
{
    return AB_CONTAINER((ab_clock *)(uintptr_t)clock, counting_clock, clock)->tick;
}

static counting_clock it;
static ab_stopwatch watch;

static void begin(void)
{
    it = (counting_clock){.clock = {count_now, tell_tick}, .at = 1000, .tick = 5};
    ab_stopwatch_start(&watch, &it.clock);
    it.asked = 0;
}

TestSuite(stopwatch, .init = begin);

/* One that takes so long. -1: it was not measured. */
static ab_time lap(ab_time takes, bool may_join)
{
    ab_time took = -1;
    it.at += takes;
    return ab_stopwatch_lap(&watch, may_join, &took) ? took : -1;
}

Test(stopwatch, measures_what_may_not_join)
{
    cr_expect_eq(lap(7, false), 7);
    cr_expect_eq(lap(8, false), 8);
    cr_expect_eq(it.asked, 2);
}

Test(stopwatch, measures_those_that_may_join_with_the_next_that_may_not)
{
    cr_expect_eq(lap(3, true), 3, "what it ticked before is not known");
    cr_expect_eq(lap(7, true), -1);
    cr_expect_eq(lap(8, true), -1);
    cr_expect_eq(it.asked, 1);
    cr_expect_eq(lap(1, false), 16);
    cr_expect_eq(lap(2, false), 2);
}

Test(stopwatch, looks_at_the_time_for_every_sixteenth_at_least)
{
    cr_expect_eq(lap(1, true), 1);
    for (int i = 0; i < 160; i++)
        cr_expect_eq(lap(1, true), i % 16 == 15 ? 16 : -1, "%d", i);
    cr_expect_eq(it.asked, 11);
}

/* Of 20 us, two; of 10 us, four; and none whose next may make it 50 us. */
Test(stopwatch, measures_no_more_together_than_one_may_take)
{
    cr_expect_eq(lap(10, true), 10);
    for (int i = 0; i < 12; i++)
        cr_expect_eq(lap(10, true), i % 4 == 3 ? 40 : -1, "%d", i);
    cr_expect_eq(watch.each, 10);
    cr_expect_eq(lap(20, true), -1);
    cr_expect_eq(lap(20, true), -1);
    cr_expect_eq(lap(20, true), -1);
    cr_expect_eq(lap(20, true), 80);
    cr_expect_eq(watch.each, 20);
    for (int i = 0; i < 8; i++)
        cr_expect_eq(lap(20, true), i % 2 == 1 ? 40 : -1, "%d", i);
    cr_expect_eq(lap(60, true), -1);
    cr_expect_eq(lap(60, true), 120);
    cr_expect_eq(lap(60, true), 60, "it takes too long to wait for another");
    cr_expect_eq(watch.each, 60);
}

Test(stopwatch, looks_at_the_time_once_the_clock_has_ticked)
{
    cr_expect_eq(lap(1, true), 1);
    cr_expect_eq(lap(1, true), -1);
    it.tick = 6;
    cr_expect_eq(lap(3000, true), 3001);
    cr_expect_eq(lap(1, true), 1);
    cr_expect_eq(lap(1, true), -1);
}
