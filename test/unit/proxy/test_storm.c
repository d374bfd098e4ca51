/* SPDX-License-Identifier: MIT
 * Many threads, services that die at random, completions that race timeouts, cancels and destroys: every call
 * completes exactly once. AUTOBUS_TEST_SEED repeats the dice, not the threads; AUTOBUS_TEST_SCALE makes it longer. */
#include <stdlib.h>
#include <time.h>

#include <criterion/criterion.h>

#include "home.h"
#include "support/eventually.h"
#include "support/small_town.h"

#define THREADS 8

static unsigned first_seed(void)
{
    const char *text = getenv("AUTOBUS_TEST_SEED");
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : (unsigned)time(NULL);
}

/* What all threads share. */
typedef struct storm {
    autobus_remote *proxy;
    int calls; /* of each thread */
    atomic_int completed, hooked, refused;
} storm;

typedef struct caller {
    storm *storm;
    unsigned seed;
    pthread_t thread;
} caller;

static void completed(void *userdata, const autobus_message *message)
{
    storm *here = userdata;
    cr_expect_eq(autobus_message_remaining(message), 0);
    atomic_fetch_add(&here->completed, 1);
}

static void hooked(void *userdata)
{
    storm *here = userdata;
    atomic_fetch_add(&here->hooked, 1);
}

static void call_async(storm *here, unsigned *seed)
{
    static const char *const names[] = {"count", "never", "slow", "fail", "add"};
    uint64_t call = 0;
    int timeout = rand_r(seed) % 30;
    if (autobus_call_async(here->proxy, names[rand_r(seed) % 5], NULL, timeout, 0, completed, here,
                           hooked, &call) != AUTOBUS_OK)
        atomic_fetch_add(&here->refused, 1);
    else if (rand_r(seed) % 4 == 0)
        (void)autobus_call_cancel(here->proxy, call);
}

static void *storm_calls(void *argument)
{
    caller *self = argument;
    storm *here = self->storm;
    for (int i = 0; i < here->calls; i++) {
        if (rand_r(&self->seed) % 2 == 0) {
            call_async(here, &self->seed);
            continue;
        }
        (void)autobus_call(here->proxy, "count", NULL, rand_r(&self->seed) % 20, NULL);
        atomic_fetch_add(&here->completed, 1);
        atomic_fetch_add(&here->hooked, 1);
    }
    return NULL;
}

static void expect_all_completed(storm *here)
{
    int all = THREADS * here->calls;
    EVENTUALLY(atomic_load(&here->hooked) == all);
    cr_expect_eq(atomic_load(&here->completed) + atomic_load(&here->refused), all);
}

Test(storm, every_call_completes_once_while_services_come_and_go, .timeout = 300)
{
    storm here = {.calls = (int)(2000 * home_scale())};
    caller callers[THREADS];
    unsigned seed = first_seed();
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    here.proxy = home_proxy(bus);
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i] = (caller){.storm = &here, .seed = seed + i};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, storm_calls, &callers[i]), 0);
    }
    for (int i = 0; i < 3 + (int)(20 * home_scale()); i++) {
        lamp one = {0};
        lamp_switch_on(&one, port, NULL, i);
        (void)autobus_remote_wait(here.proxy, 1000);
        lamp_switch_off(&one);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(callers[i].thread, NULL);
    expect_all_completed(&here);
    autobus_remote_free(&here.proxy);
    autobus_bus_free(&bus);
}

Test(storm, the_bus_may_end_in_the_middle_of_it, .timeout = 300)
{
    for (int round = 0; round < 3 + (int)(10 * home_scale()); round++) {
        storm here = {.calls = 50};
        caller callers[THREADS];
        lamp one = {0};
        uint16_t port = town_port();
        autobus_bus *bus = town_bus(port);
        lamp_switch_on(&one, port, NULL, 1);
        here.proxy = home_proxy(bus);
        for (unsigned i = 0; i < THREADS; i++) {
            callers[i] = (caller){.storm = &here, .seed = first_seed() + i};
            cr_assert_eq(pthread_create(&callers[i].thread, NULL, storm_calls, &callers[i]), 0);
        }
        autobus_bus_free(&bus);
        for (unsigned i = 0; i < THREADS; i++)
            pthread_join(callers[i].thread, NULL);
        expect_all_completed(&here);
        autobus_remote_free(&here.proxy);
        lamp_switch_off(&one);
    }
}

/* In its callback: one of the things that may be done there. */
typedef struct vandal {
    autobus_bus *bus;
    autobus_remote *proxy;
    autobus_subscription *subscription;
    int deed;
    atomic_int begun, ended, freed;
} vandal;

static void do_it(void *userdata, const autobus_message *message)
{
    vandal *self = userdata;
    (void)message;
    if (atomic_fetch_add(&self->begun, 1) > 0)
        return;
    switch (self->deed) {
    case 0: autobus_remote_free(&self->proxy); break;
    case 1: autobus_remote_close(self->proxy); break;
    case 2: autobus_bus_free(&self->bus); break;
    case 3: autobus_subscription_free(&self->subscription); break;
    default: cr_expect_eq(autobus_call(self->proxy, "add", NULL, 1000, NULL), AUTOBUS_WRONG_THREAD);
    }
    atomic_store(&self->ended, 1);
}

static void note_freed(void *userdata)
{
    vandal *self = userdata;
    atomic_fetch_add(&self->freed, 1);
}

Test(storm, any_callback_may_do_anything, .timeout = 120)
{
    for (int kind = 0; kind < 4; kind++)
        for (int deed = 0; deed < 5; deed++) {
            lamp one = {0};
            uint16_t port = town_port();
            vandal self = {.bus = town_bus(port), .deed = deed};
            lamp_switch_on(&one, port, NULL, 1);
            self.proxy = home_proxy(self.bus);
            cr_assert_eq(autobus_remote_wait(self.proxy, 5000), AUTOBUS_OK);
            if (kind == 0)
                autobus_remote_on_state(self.proxy, true, do_it, &self, note_freed,
                                        &self.subscription);
            else if (kind == 1)
                autobus_watch(self.proxy, "level", do_it, &self, note_freed, &self.subscription);
            else if (kind == 2)
                autobus_listen(self.proxy, "pressed", do_it, &self, note_freed, &self.subscription);
            else
                autobus_call_async(self.proxy, "add", NULL, 1000, 0, do_it, &self, note_freed,
                                   NULL);
            while (kind == 2 && atomic_load(&self.begun) == 0) {
                autobus_service_fire(one.service, "pressed", NULL);
                eventually_wait_until_next_look();
            }
            EVENTUALLY(atomic_load(&self.ended) > 0);
            autobus_subscription_free(&self.subscription);
            autobus_remote_free(&self.proxy);
            autobus_bus_free(&self.bus);
            EVENTUALLY(atomic_load(&self.freed) == 1);
            lamp_switch_off(&one);
        }
}
