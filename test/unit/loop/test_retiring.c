/* SPDX-License-Identifier: MIT
 * Targets that retire while the lock is held, and the end of all deliveries. */
#include "loop/delivery.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static ab_loop *loop;
static ab_deliveries *deliveries;

/* Somebody who is called back, and what came of it. */
typedef struct customer {
    ab_target target;
    unsigned runs, drops, frees;
    char heard[16];
} customer;

typedef struct parcel {
    ab_delivery delivery;
    char letter;
} parcel;

static customer anna, bert;

static customer *customer_of(ab_target *target)
{
    return AB_CONTAINER(target, customer, target);
}

static void receive(ab_delivery *delivery)
{
    parcel *it = AB_CONTAINER(delivery, parcel, delivery);
    customer *who = customer_of(delivery->target);
    cr_assert_eq(who->frees, 0);
    strncat(who->heard, &it->letter, 1);
    who->runs++;
    free(it);
}

static void drop(ab_delivery *delivery)
{
    customer_of(delivery->target)->drops++;
    free(AB_CONTAINER(delivery, parcel, delivery));
}

static void free_hook(ab_target *target)
{
    customer_of(target)->frees++;
    /* The hook is the program's code, and may come back to us. */
    ab_lock_take(ab_loop_lock(loop));
    ab_lock_drop(ab_loop_lock(loop));
}

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

static void push_held(customer *who, char letter, void (*run)(ab_delivery *),
                      void (*dropped)(ab_delivery *)) AB_LOCKED
{
    parcel *fresh = calloc(1, sizeof *fresh);
    fresh->letter = letter;
    fresh->delivery = (ab_delivery){.run = run, .drop = dropped, .name = "test listener"};
    ab_deliveries_push(deliveries, &who->target, &fresh->delivery);
}

static void push(customer *who, const char *letters)
{
    lock();
    for (; *letters != '\0'; letters++)
        push_held(who, *letters, receive, drop);
    unlock();
}

static void set_up(void)
{
    memset(&anna, 0, sizeof anna);
    memset(&bert, 0, sizeof bert);
    ab_target_init(&anna.target, free_hook);
    ab_target_init(&bert.target, free_hook);
    loop = ab_loop_new(NULL, NULL, NULL);
    deliveries = ab_deliveries_new(loop, true);
}

static void tear_down(void)
{
    lock();
    ab_deliveries_free(deliveries);
    unlock();
    ab_loop_free(loop);
}

TestSuite(retiring, .init = set_up, .fini = tear_down);

static void retire(customer *who, bool is_dropping)
{
    lock();
    ab_target_retire(deliveries, &who->target, is_dropping);
    unlock();
}

Test(retiring, a_retired_target_hears_what_was_queued_and_then_its_hook)
{
    push(&anna, "ab");
    retire(&anna, false);
    push(&bert, "c");
    cr_assert_eq(anna.frees, 0);
    ab_deliveries_dispatch(deliveries);
    cr_assert_str_eq(anna.heard, "ab");
    cr_assert_eq(anna.frees, 1);
    cr_assert_str_eq(bert.heard, "c");
}

Test(retiring, a_retired_target_may_drop_what_was_queued)
{
    push(&anna, "ab");
    retire(&anna, true);
    cr_assert_eq(anna.drops, 2);
    cr_assert_eq(anna.frees, 0, "the hook has a turn of its own, without the lock");
    ab_deliveries_dispatch(deliveries);
    cr_assert_eq(anna.runs, 0);
    cr_assert_eq(anna.frees, 1);
}

static void retire_inside(ab_delivery *delivery)
{
    customer *who = customer_of(delivery->target);
    receive(delivery);
    retire(who, true);
    cr_assert_eq(who->frees, 0);
}

Test(retiring, lets_a_callback_retire_its_own_target)
{
    lock();
    push_held(&anna, 'a', retire_inside, drop);
    push_held(&anna, 'b', receive, drop);
    unlock();
    while (ab_deliveries_dispatch(deliveries) > 0) {
    }
    cr_assert_eq(anna.frees, 1);
    cr_assert_str_eq(anna.heard, "a");
    cr_assert_eq(anna.drops, 1);
}

/* Whoever is told of the end says one thing more: it is dropped as well. */
static void push_when_dropped(ab_delivery *delivery)
{
    customer *who = customer_of(delivery->target);
    ab_lock_is_held(ab_loop_lock(loop));
    drop(delivery);
    if (who->drops < 2)
        push_held(who, 'z', receive, push_when_dropped);
}

Test(retiring, nothing_is_pushed_to_a_target_while_it_retires)
{
    lock();
    push_held(&anna, 'a', receive, push_when_dropped);
    unlock();
    retire(&anna, true);
    ab_deliveries_dispatch(deliveries);
    cr_assert_eq(anna.drops, 2);
    cr_assert_eq(anna.runs, 0);
    cr_assert_eq(anna.frees, 1);
}

Test(retiring, finishing_runs_what_the_program_never_came_to)
{
    push(&anna, "ab");
    retire(&bert, false);
    ab_deliveries_finish(deliveries);
    cr_assert_str_eq(anna.heard, "ab");
    cr_assert_eq(bert.frees, 1);
}

Test(retiring, nothing_runs_once_they_are_finished)
{
    ab_deliveries_finish(deliveries);
    push(&anna, "a");
    cr_assert_eq(anna.drops, 1);
    retire(&anna, false);
    cr_assert_eq(anna.frees, 1, "at once: nobody would come to run it");
    ab_target_close(deliveries, &bert.target);
    cr_assert_eq(bert.frees, 1);
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 0);
    cr_assert_eq(ab_deliveries_sync(deliveries), AUTOBUS_OK);
}
