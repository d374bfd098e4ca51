/* SPDX-License-Identifier: MIT
 * Looking out before sleeping: what comes meanwhile wakes nobody, and who looks in vain looks less often. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"
#include "loop/inside.h"
#include "support/eventually.h"

#define TIMES 20

static ab_loop *loop;
static ab_task task;
static atomic_int runs;

static void run_task(ab_task *it) AB_UNCHECKED
{
    (void)it;
    ab_loop_expect_news(loop);
    atomic_fetch_add(&runs, 1);
}

static uint64_t post(void) AB_UNCHECKED
{
    ab_lock_take(ab_loop_lock(loop));
    uint64_t wakes = ab_loop_wakes(loop);
    ab_loop_post(loop, &task);
    ab_lock_drop(ab_loop_lock(loop));
    return wakes;
}

static void begin(ab_time patience)
{
    atomic_store(&runs, 0);
    loop = ab_loop_new(NULL, NULL, NULL);
    cr_assert_not_null(loop, "%s", autobus_last_error());
    ab_loop_look_out(loop, patience, 0);
    ab_task_init(&task, run_task);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
}

static void end(void)
{
    ab_loop_stop(loop);
    ab_loop_free(loop);
}

/* How often the thread was woken by so many tasks, each of which sent a batch. */
static uint64_t wakes_of_tasks(void)
{
    uint64_t before = 0;
    for (int i = 0; i <= TIMES; i++) {
        uint64_t wakes = post();
        before = i == 0 ? wakes : before;
        EVENTUALLY(atomic_load(&runs) == i + 1);
    }
    return post() - before;
}

Test(lookout, hears_without_being_woken)
{
    begin(AB_MS(10000));
    cr_expect_leq(wakes_of_tasks(), 1, "only the first found it asleep");
    end();
}

static ab_task more;

static void run_more(ab_task *it)
{
    (void)it;
}

static void run_task_with_more(ab_task *it) AB_UNCHECKED
{
    run_task(it);
    ab_loop_post(loop, &more);
}

Test(lookout, comes_before_the_sleep_and_not_after_a_turn_that_is_followed_by_another)
{
    begin(AB_MS(10000));
    ab_task_init(&task, run_task_with_more);
    ab_task_init(&more, run_more);
    cr_expect_leq(wakes_of_tasks(), 1, "only the first found it asleep");
    end();
}

Test(lookout, is_left_out_on_request)
{
    begin(0);
    EVENTUALLY(wakes_of_tasks() > 1);
    end();
}

/* A lookout by itself. Its clock ticks each time that it is looked at. */
typedef struct hill {
    ab_clock clock;
    ab_lookout lookout;
    struct event_base *base;
    struct event *news;
    ab_time at, delay; /* what finding takes */
} hill;

static ab_time tick(const ab_clock *clock)
{
    return ++AB_CONTAINER((ab_clock *)(uintptr_t)clock, hill, clock)->at;
}

static void find(evutil_socket_t fd, short what, void *argument)
{
    hill *self = argument;
    (void)fd, (void)what;
    self->lookout.has_found = true;
    self->at += self->delay;
}

static void hill_init(hill *self)
{
    *self = (hill){.clock = {tick, tick}, .base = event_base_new()};
    self->lookout = (ab_lookout){.clock = &self->clock, .most = 60};
    self->news = event_new(self->base, -1, 0, find, self);
    cr_assert_not_null(self->news);
}

static void hill_fini(hill *self)
{
    event_free(self->news);
    event_base_free(self->base);
}

static int looks_in_vain(hill *self, unsigned batches)
{
    int looks = 0;
    for (unsigned i = 0; i < batches; i++) {
        self->lookout.expects_news = true;
        if (ab_lookout_is_worth_it(&self->lookout)) {
            cr_assert_not(ab_lookout_finds(&self->lookout, self->base));
            looks++;
        }
    }
    return looks;
}

static void look_and_find(hill *self)
{
    event_active(self->news, EV_READ, 1);
    self->lookout.expects_news = true;
    cr_assert(ab_lookout_is_worth_it(&self->lookout));
    cr_expect(ab_lookout_finds(&self->lookout, self->base));
}

Test(lookout, of_a_bus_that_spins_comes_after_all_that_is_heard)
{
    hill it;
    hill_init(&it);
    it.lookout.has_heard = true;
    cr_expect_not(ab_lookout_is_worth_it(&it.lookout), "it was not told to");
    it.lookout.spin = 500;
    cr_expect_not(ab_lookout_is_worth_it(&it.lookout), "nothing was heard in this turn");
    it.lookout.has_heard = true;
    cr_assert(ab_lookout_is_worth_it(&it.lookout));
    ab_time begun = it.at;
    cr_expect_not(ab_lookout_finds(&it.lookout, it.base));
    cr_expect_gt(it.at - begun, 500);
    hill_fini(&it);
}

Test(lookout, becomes_rare_when_it_is_in_vain_and_frequent_when_not)
{
    hill it;
    hill_init(&it);
    cr_expect_not(ab_lookout_is_worth_it(&it.lookout), "nothing was sent");
    cr_expect_eq(looks_in_vain(&it, 1 + 2 + 4 + 8 + 16 + 32 + 64 + 128), 8);
    cr_expect_eq(looks_in_vain(&it, 25600), 100, "never rarer than one in 256");
    for (unsigned left = 127; left > 0; left /= 2) {
        cr_expect_eq(looks_in_vain(&it, it.lookout.patience.to_pass), 0);
        look_and_find(&it);
        cr_expect_eq(it.lookout.patience.to_pass, left, "it paid, so twice as often now");
    }
    hill_fini(&it);
}

Test(lookout, is_nearly_left_when_the_core_is_given_back_late)
{
    hill it;
    hill_init(&it);
    it.delay = 500;
    look_and_find(&it);
    cr_expect_eq(it.lookout.patience.to_pass, 0, "that may be what a batch takes");
    it.delay = 600;
    static const unsigned passes[] = {63, 315, 1323, 4095, 4095};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        cr_expect_eq(looks_in_vain(&it, it.lookout.patience.to_pass), 0);
        look_and_find(&it);
        cr_expect_eq(it.lookout.patience.to_pass, passes[i], "what is found is told all the same");
    }
    cr_expect_eq(looks_in_vain(&it, 2 * 4096), 2, "nor does one in vain make it sooner");
    hill_fini(&it);
}
