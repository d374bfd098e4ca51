/* SPDX-License-Identifier: MIT
 * The narrow ways out of a bus: freed by a hook on the bus thread itself, in a hook that a dispatch runs, and by a
 * worker that is dispatching; each by hand, and once more with a bus that other threads use meanwhile. And what
 * a bus finds out from another thread of its own program, not from the network. */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

#include <criterion/criterion.h>

#include <autobus/autobus.h>

#include "support/eventually.h"
#include "support/small_town.h"

/* A bus that somebody frees in some callback, and what keeps its memory. */
typedef struct stage {
    autobus_bus *bus;
    autobus_bus *_Atomic to_free;
    autobus_service *service;
    autobus_remote *remote;
    autobus_subscription *ear;
    autobus_listener *listener;
    pthread_t main;
    int threads, fds;
    atomic_int hooks, answers, frees;
    atomic_bool was_elsewhere, is_held, was_disturbed;
} stage;

static int count_of(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void hook(void *userdata)
{
    stage *here = userdata;
    atomic_fetch_add(&here->hooks, 1);
}

static void free_bus(stage *here)
{
    autobus_bus *bus = atomic_exchange(&here->to_free, NULL);
    if (bus == NULL)
        return;
    atomic_store(&here->was_elsewhere, !pthread_equal(pthread_self(), here->main));
    autobus_bus_free(&bus);
    atomic_fetch_add(&here->frees, 1);
}

static void free_bus_in_hook(void *userdata)
{
    free_bus(userdata);
    hook(userdata);
}

static void echo(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer_text(request, autobus_request_text(request));
}

static void free_bus_in_handler(void *userdata, autobus_request *request)
{
    (void)request;
    free_bus(userdata);
}

static void heard(void *userdata, const autobus_message *message)
{
    stage *here = userdata;
    if (autobus_message_kind(message) == AUTOBUS_ANSWER)
        atomic_fetch_add(&here->answers, 1);
}

static void noticed(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    (void)userdata, (void)change, (void)sighting;
}

/* A service with a function, and a proxy for it, on one bus. */
static void open_stage(stage *here, bool is_dispatched)
{
    autobus_options *options = autobus_options_new();
    *here = (stage){.main = pthread_self(),
                    .threads = count_of("/proc/self/task"),
                    .fds = count_of("/proc/self/fd")};
    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    autobus_options_set_number(options, AUTOBUS_DISPATCH, is_dispatched);
    cr_assert_eq(autobus_bus_new(options, &here->bus), AUTOBUS_OK, "%s", autobus_last_error());
    atomic_store(&here->to_free, here->bus);
    here->service = autobus_service_parse(here->bus, "{'type': 'lamp'}");
    autobus_service_add_function(here->service, "echo", NULL, AUTOBUS_INLINE, echo, here, hook);
    cr_assert_eq(autobus_service_publish(here->service), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_proxy_new(here->bus, NULL, &here->remote), AUTOBUS_OK);
    cr_assert_eq(autobus_remote_wait(here->remote, 5000), AUTOBUS_OK, "%s", autobus_last_error());
}

static void call(stage *here, const char *name, autobus_free_fn *after)
{
    cr_assert_eq(autobus_call_text_async(here->remote, name, "[1]", 10000, AUTOBUS_UNBOUND_DEFAULT,
                                         heard, here, after, NULL),
                 AUTOBUS_OK, "%s", autobus_last_error());
}

/* The bus has been freed; everything else goes, and nothing is left. */
static void close_stage(stage *here, int hooks)
{
    autobus_subscription_free(&here->ear);
    autobus_listener_free(&here->listener);
    autobus_remote_free(&here->remote);
    autobus_service_free(&here->service);
    EVENTUALLY(atomic_load(&here->hooks) == hooks);
    EVENTUALLY(atomic_load(&here->frees) == 1);
    EVENTUALLY(count_of("/proc/self/task") == here->threads);
    EVENTUALLY(count_of("/proc/self/fd") == here->fds);
}

static bool is_freed(stage *here)
{
    return atomic_load(&here->frees) == 1;
}

Test(any_callback_ends, a_bus_is_freed_by_the_hook_of_a_function_on_its_own_thread)
{
    stage here;
    open_stage(&here, false);
    autobus_service_add_function(here.service, "last", NULL, AUTOBUS_INLINE, echo, &here,
                                 free_bus_in_hook);
    autobus_service_remove_function(here.service, "last");
    EVENTUALLY(is_freed(&here));
    cr_expect(atomic_load(&here.was_elsewhere));
    close_stage(&here, 2);
}

Test(any_callback_ends, a_bus_is_freed_by_the_hook_of_a_subscription_on_its_own_thread)
{
    stage here;
    open_stage(&here, false);
    cr_assert_eq(
        autobus_remote_on_state(here.remote, true, heard, &here, free_bus_in_hook, &here.ear),
        AUTOBUS_OK);
    autobus_subscription_free(&here.ear);
    EVENTUALLY(is_freed(&here));
    cr_expect(atomic_load(&here.was_elsewhere));
    close_stage(&here, 2);
}

Test(any_callback_ends, a_bus_is_freed_by_the_hook_of_a_call_on_its_own_thread)
{
    stage here;
    open_stage(&here, false);
    call(&here, "echo", free_bus_in_hook);
    EVENTUALLY(is_freed(&here));
    cr_expect(atomic_load(&here.was_elsewhere));
    cr_expect_eq(atomic_load(&here.answers), 1);
    close_stage(&here, 2);
}

/* It is freed where the listener is, in the middle of that. */
Test(any_callback_ends, a_bus_is_freed_by_the_hook_of_a_listener_in_any_thread)
{
    stage here;
    open_stage(&here, false);
    cr_assert_eq(autobus_listener_new(here.bus, NULL, true, noticed, &here, free_bus_in_hook,
                                      &here.listener),
                 AUTOBUS_OK);
    autobus_listener_free(&here.listener);
    cr_expect(is_freed(&here));
    close_stage(&here, 2);
}

Test(any_callback_ends, a_bus_is_freed_by_a_hook_that_a_dispatch_runs)
{
    stage here;
    open_stage(&here, true);
    call(&here, "echo", free_bus_in_hook);
    EVENTUALLY((autobus_bus_dispatch(here.bus), is_freed(&here)));
    cr_expect_not(atomic_load(&here.was_elsewhere));
    close_stage(&here, 2);
}

Test(any_callback_ends, a_bus_is_freed_by_a_hook_that_a_sync_runs)
{
    stage here;
    open_stage(&here, true);
    call(&here, "echo", free_bus_in_hook);
    EVENTUALLY(((void)autobus_bus_sync(here.bus), is_freed(&here)));
    cr_expect_not(atomic_load(&here.was_elsewhere));
    close_stage(&here, 2);
}

/* Nobody else dispatches: what it waits for runs in here. */
static void dispatch_until_freed(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    EVENTUALLY(((void)autobus_bus_dispatch(here->bus), is_freed(here)));
    autobus_request_answer_text(request, "'done'");
}

static void sync_until_freed(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    EVENTUALLY(((void)autobus_bus_sync(here->bus), is_freed(here)));
    autobus_request_answer_text(request, "'done'");
}

static void let_a_worker_end_it(autobus_function_fn *worker)
{
    stage here;
    open_stage(&here, true);
    autobus_service_add_function(here.service, "work", NULL, AUTOBUS_POOL, worker, &here, hook);
    autobus_service_add_function(here.service, "end", NULL, AUTOBUS_INLINE, free_bus_in_handler,
                                 &here, hook);
    call(&here, "work", hook);
    call(&here, "end", hook);
    EVENTUALLY(is_freed(&here));
    cr_expect(atomic_load(&here.was_elsewhere));
    EVENTUALLY(atomic_load(&here.answers) == 2);
    close_stage(&here, 5);
}

Test(any_callback_ends, a_bus_is_freed_by_a_worker_that_is_dispatching)
{
    let_a_worker_end_it(dispatch_until_freed);
}

Test(any_callback_ends, a_bus_is_freed_by_a_worker_that_waits_for_callbacks)
{
    let_a_worker_end_it(sync_until_freed);
}

/* Long enough for anybody who does not wait for us. */
static void hold_until_disturbed(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    (void)request;
    atomic_store(&here->is_held, true);
    EVENTUALLY(is_freed(here));
    for (int i = 0; i < 50 && atomic_load(&here->answers) == 0; i++)
        eventually_wait_until_next_look();
    atomic_store(&here->was_disturbed, atomic_load(&here->answers) > 0);
}

static void free_bus_when_held(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    (void)request;
    EVENTUALLY(atomic_load(&here->is_held));
    free_bus(here);
}

Test(any_callback_ends, a_bus_that_a_worker_frees_waits_for_who_dispatches)
{
    stage here;
    open_stage(&here, true);
    autobus_service_add_function(here.service, "work", NULL, AUTOBUS_POOL, free_bus_when_held,
                                 &here, hook);
    autobus_service_add_function(here.service, "hold", NULL, AUTOBUS_INLINE, hold_until_disturbed,
                                 &here, hook);
    call(&here, "work", hook);
    call(&here, "hold", hook);
    EVENTUALLY(((void)autobus_bus_dispatch(here.bus), is_freed(&here)));
    cr_expect_not(atomic_load(&here.was_disturbed));
    EVENTUALLY(atomic_load(&here.answers) == 2);
    close_stage(&here, 5);
}

/* Somebody dispatches: we wait for them, and have a dispatch of our own to end after theirs. */
static void sync_when_held(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    EVENTUALLY(atomic_load(&here->is_held));
    (void)autobus_bus_sync(here->bus);
    autobus_request_answer_text(request, "'done'");
}

/* Gives the worker time to come to where it waits. Where it does not, the way out is another, and good as well. */
static void hold_and_free_bus(void *userdata, autobus_request *request)
{
    stage *here = userdata;
    (void)request;
    atomic_store(&here->is_held, true);
    for (int i = 0; i < 10; i++)
        eventually_wait_until_next_look();
    free_bus(here);
}

Test(any_callback_ends, a_bus_is_not_ended_by_a_worker_that_waits_for_who_frees_it)
{
    stage here;
    open_stage(&here, true);
    autobus_service_add_function(here.service, "work", NULL, AUTOBUS_POOL, sync_when_held, &here,
                                 hook);
    autobus_service_add_function(here.service, "end", NULL, AUTOBUS_INLINE, hold_and_free_bus,
                                 &here, hook);
    call(&here, "work", hook);
    call(&here, "end", hook);
    EVENTUALLY(((void)autobus_bus_dispatch(here.bus), is_freed(&here)));
    EVENTUALLY(atomic_load(&here.answers) == 2);
    close_stage(&here, 5);
}

static void *use_the_bus(void *userdata)
{
    stage *here = userdata;
    while (!is_freed(here)) {
        (void)autobus_call_text(here->remote, "echo", "[2]", 5, NULL);
        (void)autobus_bus_dispatch(here->bus);
        (void)autobus_bus_sync(here->bus);
    }
    return NULL;
}

/* While others call, dispatch and wait. */
static void let_it_end_in_a_crowd(bool by_worker)
{
    stage here;
    pthread_t crowd[3];
    open_stage(&here, by_worker);
    autobus_service_add_function(here.service, "work", NULL, AUTOBUS_POOL, dispatch_until_freed,
                                 &here, hook);
    autobus_service_add_function(here.service, "end", NULL, AUTOBUS_INLINE, free_bus_in_handler,
                                 &here, hook);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&crowd[i], NULL, use_the_bus, &here), 0);
    if (by_worker)
        call(&here, "work", hook);
    call(&here, by_worker ? "end" : "echo", by_worker ? hook : free_bus_in_hook);
    for (int i = 0; i < 3; i++)
        pthread_join(crowd[i], NULL);
    close_stage(&here, by_worker ? 5 : 4);
    cr_expect_eq(atomic_load(&here.answers), by_worker ? 2 : 1);
}

Test(any_callback_ends, a_bus_may_end_by_a_hook_or_a_worker_in_a_crowd, .timeout = 60)
{
    for (int i = 0; i < 10; i++)
        let_it_end_in_a_crowd(i % 2 == 0);
}

/* Who publishes is not the bus thread: but it is the bus thread that dials. */
Test(any_callback_ends, a_proxy_finds_what_another_thread_publishes_on_its_own_bus)
{
    stage here;
    autobus_remote *all = NULL, *late = NULL;
    open_stage(&here, false);
    cr_assert_eq(autobus_multi_new(here.bus, NULL, &all), AUTOBUS_OK);
    cr_assert_eq(autobus_proxy_new(here.bus, autobus_filter_parse("{'type': 'door'}"), &late),
                 AUTOBUS_OK);
    autobus_service *door = autobus_service_parse(here.bus, "{'type': 'door'}");
    for (int i = 0; i < 3; i++) { /* a proxy dials twice at once, then more slowly */
        cr_assert_eq(autobus_service_publish(door), AUTOBUS_OK, "%s", autobus_last_error());
        cr_assert_eq(autobus_remote_wait(late, 5000), AUTOBUS_OK, "%s", autobus_last_error());
        EVENTUALLY(autobus_remote_bound(all) == 2);
        cr_assert_eq(autobus_service_withdraw(door), AUTOBUS_OK);
        EVENTUALLY(autobus_remote_bound(late) == 0 && autobus_remote_bound(all) == 1);
    }
    autobus_service_free(&door);
    autobus_remote_free(&late);
    autobus_remote_free(&all);
    free_bus(&here);
    close_stage(&here, 1);
}
