/* SPDX-License-Identifier: MIT
 * What comes at the end of a turn: after all else that the turn had to do, and before code of the program that may take
 * long. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "loop/delivery.h"
#include "support/eventually.h"

static ab_loop *loop;
static ab_deliveries *deliveries;
static ab_clock_fake clock_of_test;
static ab_target target;
static ab_task first, second, last;
static char order[32]; /* with the lock */
static atomic_int left;

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

static void note(const char *letter)
{
    strcat(order, letter);
    atomic_fetch_sub(&left, 1);
}

static void run_last(ab_task *task)
{
    (void)task;
    note("L");
}

static void run_first(ab_task *task) AB_UNCHECKED
{
    (void)task;
    note("1");
    ab_loop_post_last(loop, &last);
    ab_loop_post_last(loop, &last);
}

static void run_second(ab_task *task)
{
    (void)task;
    note("2");
}

static void forget(ab_target *gone)
{
    (void)gone;
}

static void set_up(void)
{
    order[0] = '\0';
    ab_clock_fake_init(&clock_of_test, AB_MS(1000));
    loop = ab_loop_new(&clock_of_test.clock, NULL, NULL);
    deliveries = ab_deliveries_new(loop, false);
    ab_target_init(&target, forget);
    ab_task_init(&first, run_first);
    ab_task_init(&second, run_second);
    ab_task_init(&last, run_last);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
}

static void tear_down(void)
{
    ab_loop_stop(loop);
    lock();
    ab_deliveries_free(deliveries);
    unlock();
    ab_loop_free(loop);
}

TestSuite(last, .init = set_up, .fini = tear_down);

static void expect_order(const char *wanted)
{
    EVENTUALLY(atomic_load(&left) == 0);
    lock();
    cr_expect_str_eq(order, wanted);
    order[0] = '\0';
    unlock();
}

Test(last, comes_once_and_behind_the_tasks_of_the_turn)
{
    atomic_store(&left, 3);
    lock();
    ab_loop_post(loop, &first);
    ab_loop_post(loop, &second);
    unlock();
    expect_order("12L");
}

static void run_canceller(ab_task *task) AB_UNCHECKED
{
    (void)task;
    note("x");
    ab_task_cancel(&last);
}

Test(last, does_not_come_once_it_is_cancelled)
{
    atomic_store(&left, 2);
    ab_task_init(&second, run_canceller);
    lock();
    ab_loop_post(loop, &first);
    ab_loop_post(loop, &second);
    unlock();
    expect_order("1x");
    atomic_store(&left, 1);
    ab_task_init(&second, run_second);
    lock();
    ab_loop_post(loop, &second);
    unlock();
    expect_order("2");
}

/* A callback that says something, and takes its time if it is told to. "!": it said it at once. */
typedef struct parcel {
    ab_delivery delivery;
    ab_time takes;
} parcel;

static void receive(ab_delivery *delivery) AB_UNCHECKED
{
    parcel *it = AB_CONTAINER(delivery, parcel, delivery);
    lock();
    note("c");
    if (ab_loop_may_put_off(loop))
        ab_loop_post_last(loop, &last);
    else
        note("!");
    ab_clock_fake_advance(&clock_of_test, it->takes);
    unlock();
    free(it);
}

static void drop(ab_delivery *delivery)
{
    free(AB_CONTAINER(delivery, parcel, delivery));
}

static void push_two(ab_time takes, ab_task *before) AB_UNCHECKED
{
    lock();
    if (before != NULL)
        ab_loop_post(loop, before);
    for (int i = 0; i < 2; i++) {
        parcel *fresh = calloc(1, sizeof *fresh);
        fresh->delivery = (ab_delivery){.run = receive, .drop = drop, .name = "test"};
        fresh->takes = takes;
        ab_deliveries_push(deliveries, &target, &fresh->delivery);
    }
    unlock();
}

static void some_code(void)
{
}

Test(last, comes_before_a_callback_that_nobody_knows_and_is_not_for_what_it_says)
{
    atomic_store(&left, 6);
    push_two(0, &first);
    expect_order("1Lc!c!");
}

Test(last, waits_for_callbacks_that_are_known_to_be_quick_while_they_are)
{
    target.code = some_code;
    atomic_store(&left, 4);
    push_two(0, NULL);
    expect_order("c!cL");
    atomic_store(&left, 4);
    push_two(60, NULL);
    expect_order("cLc!");
    atomic_store(&left, 4);
    push_two(0, NULL);
    expect_order("c!cL");
}
