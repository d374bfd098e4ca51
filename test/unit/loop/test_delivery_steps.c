/* SPDX-License-Identifier: MIT
 * A delivery step by step: it may let its turn pass, it begins and ends with the lock, and runs without it. */
#include <string.h>

#include <criterion/criterion.h>

#include "loop/delivery.h"

static ab_loop *loop;
static ab_deliveries *deliveries;
static ab_target target;
static ab_delivery delivery;
static char steps[16];
static bool lets_pass;

static AB_UNCHECKED void lock(void)
{
    ab_lock_take(ab_loop_lock(loop));
}

static AB_UNCHECKED void unlock(void)
{
    ab_lock_drop(ab_loop_lock(loop));
}

/* In small letters without the lock. */
static void note(char letter)
{
    pthread_mutex_t *mutex = &ab_loop_lock(loop)->mutex;
    bool is_free = pthread_mutex_trylock(mutex) == 0;
    if (is_free)
        pthread_mutex_unlock(mutex);
    steps[strlen(steps)] = (char)(is_free ? letter | 0x20 : letter);
}

static bool begin(ab_delivery *it)
{
    note('B');
    bool begins = !lets_pass;
    lets_pass = false;
    if (!begins)
        ab_deliveries_push(deliveries, it->target, it);
    return begins;
}

static void run(ab_delivery *it)
{
    (void)it;
    note('R');
}

static void end(ab_delivery *it)
{
    (void)it;
    note('E');
}

static void drop(ab_delivery *it)
{
    (void)it;
    note('D');
}

static void hook(ab_target *gone)
{
    (void)gone;
    note('H');
}

static void set_up(void)
{
    loop = ab_loop_new(NULL, NULL, NULL);
    deliveries = ab_deliveries_new(loop, true);
    ab_target_init(&target, hook);
    delivery = (ab_delivery){.begin = begin, .run = run, .end = end, .drop = drop, .name = "test"};
    memset(steps, 0, sizeof steps);
    lets_pass = false;
}

static void tear_down(void)
{
    lock();
    ab_deliveries_free(deliveries);
    unlock();
    ab_loop_free(loop);
}

TestSuite(delivery_steps, .init = set_up, .fini = tear_down);

static void push(void)
{
    lock();
    ab_deliveries_push(deliveries, &target, &delivery);
    unlock();
}

static void retire(void)
{
    lock();
    ab_target_retire(deliveries, &target, false);
    unlock();
}

Test(delivery_steps, begin_and_end_have_the_lock)
{
    push();
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "BrE");
    retire();
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "BrEh");
}

Test(delivery_steps, one_that_lets_its_turn_pass_may_have_another)
{
    lets_pass = true;
    push();
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "B");
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "BBrE");
    retire();
    (void)ab_deliveries_dispatch(deliveries);
}

Test(delivery_steps, the_hook_comes_with_the_last)
{
    push();
    retire();
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "BrEh");
}

Test(delivery_steps, the_hook_comes_with_the_last_that_has_no_end)
{
    delivery.begin = NULL;
    delivery.end = NULL;
    push();
    retire();
    cr_expect_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_expect_str_eq(steps, "rh");
}
