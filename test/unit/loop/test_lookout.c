/* SPDX-License-Identifier: MIT
 * Looking out before sleeping: what comes meanwhile wakes nobody, and who looks in vain looks less often. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdatomic.h>

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
    ab_loop_has_sent_batch(loop);
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
    ab_loop_look_out(loop, patience);
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

Test(lookout, is_left_out_on_request)
{
    begin(0);
    EVENTUALLY(wakes_of_tasks() > 1);
    end();
}

static int looks_in(struct event_base *base, ab_lookout *lookout, int batches)
{
    int looks = 0;
    for (int i = 0; i < batches; i++) {
        lookout->has_sent = true;
        if (ab_lookout_is_worth_it(lookout)) {
            cr_assert_not(ab_lookout_finds(lookout, base));
            looks++;
        }
    }
    return looks;
}

static void find(evutil_socket_t fd, short what, void *argument)
{
    ab_lookout *lookout = argument;
    (void)fd, (void)what;
    lookout->has_found = true;
}

Test(lookout, becomes_rare_when_it_is_in_vain_and_frequent_when_not)
{
    struct event_base *base = event_base_new();
    ab_lookout lookout = {.patience = 1};
    cr_expect_not(ab_lookout_is_worth_it(&lookout), "nothing was sent");
    cr_expect_eq(looks_in(base, &lookout, 1 + 2 + 4 + 8 + 16 + 32), 6);
    cr_expect_eq(looks_in(base, &lookout, 64), 1);
    cr_expect_eq(looks_in(base, &lookout, 6400), 100, "never rarer than one in 64");
    while (lookout.to_pass > 0)
        looks_in(base, &lookout, 1);
    struct event *news = event_new(base, -1, 0, find, &lookout);
    event_active(news, EV_READ, 1);
    lookout.has_sent = true;
    cr_expect(ab_lookout_is_worth_it(&lookout));
    cr_expect(ab_lookout_finds(&lookout, base));
    cr_expect_eq(looks_in(base, &lookout, 1), 1, "it paid, so the next batch gets one");
    event_free(news);
    event_base_free(base);
}
