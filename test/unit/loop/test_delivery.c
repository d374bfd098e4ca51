/* SPDX-License-Identifier: MIT
 * Delivering callbacks: order, closing at every awkward moment, and the free hook as the last touch. */
#include "loop/delivery.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/eventually.h"

static ab_loop *loop;
static ab_deliveries *deliveries;

/* Somebody who is called back, and what came of it. */
typedef struct customer {
    ab_target target;
    atomic_int runs, drops, frees;
    atomic_bool is_in_callback, may_leave, is_stuck; /* is_stuck: stays until it may leave */
    bool closes_itself;
    char heard[64];
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
    cr_assert(ab_deliveries_is_inside(deliveries));
    cr_assert_eq(atomic_load(&who->frees), 0);
    atomic_store(&who->is_in_callback, true);
    strncat(who->heard, &it->letter, 1);
    free(it);
    if (who->closes_itself) {
        ab_target_close(deliveries, &who->target);
        cr_assert_eq(atomic_load(&who->frees), 0);
    }
    if (atomic_load(&who->is_stuck))
        EVENTUALLY(atomic_load(&who->may_leave));
    atomic_store(&who->is_in_callback, false);
    atomic_fetch_add(&who->runs, 1);
}

static void drop(ab_delivery *delivery)
{
    atomic_fetch_add(&customer_of(delivery->target)->drops, 1);
    free(AB_CONTAINER(delivery, parcel, delivery));
}

static void free_hook(ab_target *target)
{
    customer *who = customer_of(target);
    cr_assert_not(atomic_load(&who->is_in_callback));
    atomic_fetch_add(&who->frees, 1);
}

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

static void push_held(customer *who, char letter) AB_LOCKED
{
    parcel *fresh = calloc(1, sizeof *fresh);
    fresh->letter = letter;
    fresh->delivery = (ab_delivery){.run = receive, .drop = drop, .name = "test listener"};
    ab_deliveries_push(deliveries, &who->target, &fresh->delivery);
}

static void push(customer *who, const char *letters)
{
    lock();
    for (; *letters != '\0'; letters++)
        push_held(who, *letters);
    unlock();
}

static void begin(bool by_dispatch)
{
    memset(&anna, 0, sizeof anna);
    memset(&bert, 0, sizeof bert);
    ab_target_init(&anna.target, free_hook);
    ab_target_init(&bert.target, free_hook);
    loop = ab_loop_new(NULL, NULL, NULL);
    deliveries = ab_deliveries_new(loop, by_dispatch);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
}

static void set_up_thread(void)
{
    begin(false);
}

static void set_up_dispatch(void)
{
    begin(true);
}

static void tear_down(void)
{
    ab_loop_stop(loop);
    lock();
    ab_deliveries_free(deliveries);
    unlock();
    ab_loop_free(loop);
}

static bool is_readable(void)
{
    struct pollfd poll_fd = {.fd = ab_deliveries_fd(deliveries), .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

TestSuite(delivery, .init = set_up_thread, .fini = tear_down);
TestSuite(dispatch, .init = set_up_dispatch, .fini = tear_down);

Test(delivery, runs_callbacks_in_order_on_the_bus_thread)
{
    push(&anna, "one two three");
    cr_assert_eq(ab_deliveries_sync(deliveries), AUTOBUS_OK);
    cr_assert_eq(atomic_load(&anna.runs), 13);
    cr_assert_str_eq(anna.heard, "one two three");
    cr_assert_eq(ab_deliveries_fd(deliveries), -1);
    ab_target_close(deliveries, &anna.target);
    cr_assert_eq(atomic_load(&anna.frees), 1);
}

Test(delivery, does_not_dispatch_what_runs_by_itself)
{
    cr_assert_eq(ab_deliveries_dispatch(deliveries), -1);
    cr_assert_not_null(strstr(autobus_last_error(), "AUTOBUS_DISPATCH"));
}

Test(delivery, drops_what_waits_when_the_target_is_closed)
{
    atomic_store(&bert.is_stuck, true);
    push(&bert, "b");
    EVENTUALLY(atomic_load(&bert.is_in_callback));
    push(&anna, "aaa");
    ab_target_close(deliveries, &anna.target);
    cr_assert_eq(atomic_load(&anna.drops), 3);
    cr_assert_eq(atomic_load(&anna.frees), 1);
    atomic_store(&bert.may_leave, true);
    ab_deliveries_sync(deliveries);
    cr_assert_eq(atomic_load(&anna.runs), 0);
    cr_assert_eq(atomic_load(&bert.runs), 1);
}

Test(delivery, drops_what_is_pushed_to_a_closed_target)
{
    lock();
    anna.target.references++;
    unlock();
    ab_target_close(deliveries, &anna.target);
    push(&anna, "a");
    cr_assert_eq(atomic_load(&anna.drops), 1);
    cr_assert_eq(atomic_load(&anna.frees), 0);
}

Test(delivery, lets_a_callback_close_its_own_target)
{
    anna.closes_itself = true;
    push(&anna, "abc");
    EVENTUALLY(atomic_load(&anna.frees) == 1);
    cr_assert_eq(atomic_load(&anna.runs), 1);
    cr_assert_eq(atomic_load(&anna.drops), 2);
    cr_assert_str_eq(anna.heard, "a");
}

Test(delivery, frees_a_target_closed_elsewhere_only_when_its_callback_is_over)
{
    atomic_store(&anna.is_stuck, true);
    push(&anna, "a");
    EVENTUALLY(atomic_load(&anna.is_in_callback));
    ab_target_close(deliveries, &anna.target);
    cr_assert_eq(atomic_load(&anna.frees), 0);
    atomic_store(&anna.may_leave, true);
    EVENTUALLY(atomic_load(&anna.frees) == 1);
    cr_assert_eq(atomic_load(&anna.runs), 1);
}

static void sync_inside(ab_delivery *delivery)
{
    cr_assert_eq(ab_deliveries_sync(deliveries), AUTOBUS_WRONG_THREAD);
    receive(delivery);
}

Test(delivery, refuses_to_wait_for_itself)
{
    parcel *it = calloc(1, sizeof *it);
    it->letter = 'a';
    it->delivery = (ab_delivery){.run = sync_inside, .drop = drop, .name = "test listener"};
    cr_assert_not(ab_deliveries_is_inside(deliveries));
    lock();
    ab_deliveries_push(deliveries, &anna.target, &it->delivery);
    unlock();
    ab_deliveries_sync(deliveries);
    cr_assert_eq(atomic_load(&anna.runs), 1);
}

static void push_more(ab_delivery *delivery)
{
    customer *who = customer_of(delivery->target);
    if (atomic_load(&who->runs) < 30)
        push(who, "m");
    receive(delivery);
}

Test(delivery, lets_a_callback_cause_more_callbacks)
{
    parcel *it = calloc(1, sizeof *it);
    it->letter = 'a';
    it->delivery = (ab_delivery){.run = push_more, .drop = drop, .name = "test listener"};
    lock();
    ab_deliveries_push(deliveries, &anna.target, &it->delivery);
    unlock();
    EVENTUALLY(atomic_load(&anna.runs) == 2);
    cr_assert_str_eq(anna.heard, "am");
}

static void count_only(ab_delivery *delivery)
{
    atomic_fetch_add(&customer_of(delivery->target)->runs, 1);
    free(AB_CONTAINER(delivery, parcel, delivery));
}

static void *push_counted(void *who)
{
    for (int i = 0; i < 500; i++) {
        parcel *fresh = calloc(1, sizeof *fresh);
        fresh->delivery = (ab_delivery){.run = count_only, .drop = drop, .name = "test listener"};
        lock();
        ab_deliveries_push(deliveries, &((customer *)who)->target, &fresh->delivery);
        unlock();
    }
    return NULL;
}

/* Pushes from two threads while a third closes the target: each is run or dropped, the hook comes once. */
static void race_close_against_pushes(void)
{
    pthread_t threads[2];
    lock();
    anna.target.references++; /* the pushing threads may touch it till the end */
    unlock();
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, push_counted, &anna);
    EVENTUALLY(atomic_load(&anna.runs) > 10);
    ab_target_close(deliveries, &anna.target);
    lock();
    int runs = atomic_load(&anna.runs);
    unlock();
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ab_deliveries_sync(deliveries);
    cr_assert(atomic_load(&anna.runs) <= runs + 1);
    cr_assert_eq(atomic_load(&anna.runs) + atomic_load(&anna.drops), 1000);
    cr_assert_eq(atomic_load(&anna.frees), 0);
}

Test(delivery, may_be_closed_while_others_push)
{
    race_close_against_pushes();
}

Test(dispatch, waits_until_the_program_runs_it)
{
    cr_assert_not(is_readable());
    push(&anna, "abc");
    cr_assert(is_readable());
    cr_assert_eq(atomic_load(&anna.runs), 0);
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 3);
    cr_assert_str_eq(anna.heard, "abc");
    cr_assert_not(is_readable());
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 0);
}

Test(dispatch, is_not_readable_when_all_was_dropped)
{
    push(&anna, "abc");
    push(&bert, "b");
    ab_target_close(deliveries, &anna.target);
    cr_assert(is_readable());
    ab_target_close(deliveries, &bert.target);
    cr_assert_not(is_readable());
    cr_assert_eq(atomic_load(&anna.drops) + atomic_load(&bert.drops), 4);
    cr_assert_eq(atomic_load(&anna.frees) + atomic_load(&bert.frees), 2);
}

Test(dispatch, leaves_what_came_meanwhile_for_the_next_time)
{
    parcel *it = calloc(1, sizeof *it);
    it->letter = 'a';
    it->delivery = (ab_delivery){.run = push_more, .drop = drop, .name = "test listener"};
    lock();
    ab_deliveries_push(deliveries, &anna.target, &it->delivery);
    unlock();
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_assert(is_readable());
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_assert_str_eq(anna.heard, "am");
}

static void dispatch_inside(ab_delivery *delivery)
{
    cr_assert_eq(ab_deliveries_dispatch(deliveries), -1);
    cr_assert_eq(ab_deliveries_sync(deliveries), AUTOBUS_WRONG_THREAD);
    receive(delivery);
}

Test(dispatch, refuses_recursion)
{
    parcel *it = calloc(1, sizeof *it);
    it->delivery = (ab_delivery){.run = dispatch_inside, .drop = drop, .name = "test listener"};
    lock();
    ab_deliveries_push(deliveries, &anna.target, &it->delivery);
    unlock();
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_assert_eq(atomic_load(&anna.runs), 1);
}

static void *dispatch_in_thread(void *count)
{
    *(int *)count = ab_deliveries_dispatch(deliveries);
    return NULL;
}

Test(dispatch, is_for_one_thread_at_a_time)
{
    int count = 0;
    pthread_t thread;
    atomic_store(&anna.is_stuck, true);
    push(&anna, "a");
    pthread_create(&thread, NULL, dispatch_in_thread, &count);
    EVENTUALLY(atomic_load(&anna.is_in_callback));
    cr_assert_eq(ab_deliveries_dispatch(deliveries), -1);
    cr_assert_not(ab_deliveries_is_inside(deliveries));
    atomic_store(&anna.may_leave, true);
    pthread_join(thread, NULL);
    cr_assert_eq(count, 1);
}

Test(dispatch, lets_a_callback_close_its_own_target)
{
    anna.closes_itself = true;
    push(&anna, "abc");
    cr_assert_eq(ab_deliveries_dispatch(deliveries), 1);
    cr_assert_eq(atomic_load(&anna.drops), 2);
    cr_assert_eq(atomic_load(&anna.frees), 1);
}

Test(dispatch, sync_runs_what_nobody_else_runs)
{
    push(&anna, "ab");
    cr_assert_eq(ab_deliveries_sync(deliveries), AUTOBUS_OK);
    cr_assert_str_eq(anna.heard, "ab");
}

static void *sync_in_thread(void *result)
{
    *(autobus_result *)result = ab_deliveries_sync(deliveries);
    return NULL;
}

Test(dispatch, sync_waits_for_the_callback_that_another_thread_runs)
{
    int count = 0;
    autobus_result result = AUTOBUS_FAILED;
    pthread_t runner, waiter;
    atomic_store(&anna.is_stuck, true);
    push(&anna, "a");
    pthread_create(&runner, NULL, dispatch_in_thread, &count);
    EVENTUALLY(atomic_load(&anna.is_in_callback));
    pthread_create(&waiter, NULL, sync_in_thread, &result);
    atomic_store(&anna.may_leave, true);
    pthread_join(waiter, NULL);
    cr_assert_eq(result, AUTOBUS_OK);
    cr_assert_eq(atomic_load(&anna.runs), 1);
    pthread_join(runner, NULL);
}

Test(dispatch, what_is_left_is_dropped_at_the_end)
{
    push(&anna, "abc");
    ab_loop_stop(loop);
    lock();
    ab_deliveries_free(deliveries);
    deliveries = NULL;
    unlock();
    cr_assert_eq(atomic_load(&anna.drops), 3);
    cr_assert_eq(atomic_load(&anna.frees), 0);
}

static void *dispatch_until_freed(void *unused)
{
    (void)unused;
    while (atomic_load(&anna.runs) + atomic_load(&anna.drops) < 1000)
        if (ab_deliveries_dispatch(deliveries) == 0)
            eventually_wait_until_next_look();
    return NULL;
}

Test(dispatch, may_be_closed_while_others_push)
{
    pthread_t thread;
    pthread_create(&thread, NULL, dispatch_until_freed, NULL);
    race_close_against_pushes();
    pthread_join(thread, NULL);
}
