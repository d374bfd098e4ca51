/* SPDX-License-Identifier: MIT
 * Timers: the order they fire in, and what they may do while firing. */
#include "base/timer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/random.h"

static ab_timers timers;
static char fired[64];

typedef struct bell {
    ab_timer timer;
    char name;
    ab_time again;      /* starts itself once more at this time; 0: does not */
    struct bell *stops; /* another one, stopped while this fires */
} bell;

static void ring(ab_timer *timer)
{
    bell *it = AB_CONTAINER(timer, bell, timer);
    cr_assert_not(ab_timer_is_running(timer));
    strncat(fired, &it->name, 1);
    if (it->again != 0)
        ab_timer_start(&timers, timer, it->again);
    if (it->stops != NULL)
        ab_timer_stop(&timers, &it->stops->timer);
}

static bell make_alarm(char name)
{
    bell fresh = {.name = name};
    ab_timer_init(&fresh.timer, ring);
    return fresh;
}

static void set_up(void)
{
    ab_timers_init(&timers);
    fired[0] = '\0';
}

static void tear_down(void)
{
    ab_timers_fini(&timers);
}

TestSuite(timer, .init = set_up, .fini = tear_down);

Test(timer, none_means_never)
{
    cr_assert_eq(ab_timers_next(&timers), AB_NEVER);
    cr_assert_eq(ab_timers_run(&timers, 1000), 0);
}

Test(timer, fires_when_it_is_due_and_not_before)
{
    bell a = make_alarm('a');
    ab_timer_start(&timers, &a.timer, 10);
    cr_assert(ab_timer_is_running(&a.timer));
    cr_assert_eq(ab_timers_next(&timers), 10);
    cr_assert_eq(ab_timers_run(&timers, 9), 0);
    cr_assert_eq(ab_timers_run(&timers, 10), 1);
    cr_assert_str_eq(fired, "a");
    cr_assert_not(ab_timer_is_running(&a.timer));
    cr_assert_eq(ab_timers_next(&timers), AB_NEVER);
}

Test(timer, the_earliest_fires_first_and_equals_as_they_were_started)
{
    bell a = make_alarm('a'), b = make_alarm('b'), c = make_alarm('c'), d = make_alarm('d');
    ab_timer_start(&timers, &a.timer, 30);
    ab_timer_start(&timers, &b.timer, 10);
    ab_timer_start(&timers, &c.timer, 20);
    ab_timer_start(&timers, &d.timer, 10);
    cr_assert_eq(ab_timers_run(&timers, 100), 4);
    cr_assert_str_eq(fired, "bdca");
}

Test(timer, moves_when_it_is_started_again)
{
    bell a = make_alarm('a'), b = make_alarm('b');
    ab_timer_start(&timers, &a.timer, 10);
    ab_timer_start(&timers, &b.timer, 20);
    ab_timer_start(&timers, &a.timer, 30);
    cr_assert_eq(ab_timers_next(&timers), 20);
    ab_timer_start(&timers, &b.timer, 40);
    cr_assert_eq(ab_timers_run(&timers, 100), 2);
    cr_assert_str_eq(fired, "ab");
}

Test(timer, stopped_ones_do_not_fire)
{
    bell a = make_alarm('a'), b = make_alarm('b');
    ab_timer_start(&timers, &a.timer, 10);
    ab_timer_start(&timers, &b.timer, 20);
    ab_timer_stop(&timers, &a.timer);
    ab_timer_stop(&timers, &a.timer);
    cr_assert_eq(ab_timers_next(&timers), 20);
    ab_timers_run(&timers, 100);
    cr_assert_str_eq(fired, "b");
}

Test(timer, started_while_it_fires_waits_for_the_next_call)
{
    bell a = make_alarm('a'), b = make_alarm('b');
    a.again = 1;
    ab_timer_start(&timers, &a.timer, 10);
    ab_timer_start(&timers, &b.timer, 100);
    cr_assert_eq(ab_timers_run(&timers, 100), 2);
    cr_assert_str_eq(fired, "ab");
    cr_assert_eq(ab_timers_next(&timers), 100);
    cr_assert_eq(ab_timers_run(&timers, 100), 1);
    cr_assert_str_eq(fired, "aba");
    ab_timer_stop(&timers, &a.timer);
}

Test(timer, may_stop_another_that_is_due_too)
{
    bell a = make_alarm('a'), b = make_alarm('b');
    a.stops = &b;
    ab_timer_start(&timers, &a.timer, 10);
    ab_timer_start(&timers, &b.timer, 10);
    cr_assert_eq(ab_timers_run(&timers, 10), 1);
    cr_assert_str_eq(fired, "a");
}

static void ring_and_free(ab_timer *timer)
{
    free(AB_CONTAINER(timer, bell, timer));
}

Test(timer, may_free_itself)
{
    bell *a = malloc(sizeof *a);
    ab_timer_init(&a->timer, ring_and_free);
    ab_timer_start(&timers, &a->timer, 10);
    cr_assert_eq(ab_timers_run(&timers, 10), 1);
    cr_assert_eq(ab_timers_run(&timers, 10), 0);
}

Test(timer, becomes_idle_when_the_heap_ends)
{
    bell a = make_alarm('a');
    ab_timer_start(&timers, &a.timer, 10);
    ab_timers_fini(&timers);
    cr_assert_not(ab_timer_is_running(&a.timer));
}

#define MANY 300

static ab_time last_due;

static void check_order(ab_timer *timer)
{
    cr_assert(timer->due >= last_due);
    last_due = timer->due;
}

Test(timer, keeps_order_among_many_that_come_and_go)
{
    static ab_timer many[MANY];
    size_t running = 0;
    ab_dice dice;
    ab_dice_seed(&dice, 7);
    for (size_t i = 0; i < MANY; i++)
        ab_timer_init(&many[i], check_order);
    for (int turn = 0; turn < 5000; turn++) {
        ab_timer *timer = &many[ab_dice_below(&dice, MANY)];
        if (ab_dice_below(&dice, 3) == 0)
            ab_timer_stop(&timers, timer);
        else
            ab_timer_start(&timers, timer, (ab_time)ab_dice_below(&dice, 1000));
    }
    for (size_t i = 0; i < MANY; i++)
        running += ab_timer_is_running(&many[i]);
    last_due = 0;
    size_t half = ab_timers_run(&timers, 500);
    cr_assert(ab_timers_next(&timers) > 500);
    cr_assert_eq(half + ab_timers_run(&timers, 1000), running);
}
