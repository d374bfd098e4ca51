/* SPDX-License-Identifier: MIT
 * The room, its events and its callers. */
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "support/small_town.h"

static void connect_to_lamp(room *here)
{
    cr_assert_eq(autobus_connect_to(here->bus, "127.0.0.1",
                                    (uint16_t)autobus_bus_port(here->lamp.bus), "lamp", 5000,
                                    &here->remote),
                 AUTOBUS_OK, "%s", autobus_last_error());
}

void room_enter(room *here)
{
    memset(here, 0, sizeof *here);
    lamp_switch_on(&here->lamp, town_port(), "lamp", 0);
    here->bus = town_hermit();
    connect_to_lamp(here);
}

void room_enter_to_dispatch(room *here)
{
    memset(here, 0, sizeof *here);
    lamp_switch_on(&here->lamp, town_port(), "lamp", 0);
    autobus_options *options = town_options(town_port());
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    cr_assert_eq(autobus_bus_new(options, &here->bus), AUTOBUS_OK, "%s", autobus_last_error());
    connect_to_lamp(here);
}

void room_leave(room *here)
{
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->bus);
    lamp_switch_off(&here->lamp);
}

autobus_result room_add(autobus_remote *remote, int one, int other, int timeout, int *ret_sum)
{
    char arguments[64], *sum = NULL;
    snprintf(arguments, sizeof arguments, "[%d,%d]", one, other);
    autobus_result result = autobus_call_text(remote, "add", arguments, timeout, &sum);
    *ret_sum = sum != NULL ? atoi(sum) : -1;
    free(sum);
    return result;
}

void room_expect_sum(autobus_remote *remote, int one, int other)
{
    int sum;
    cr_assert_eq(room_add(remote, one, other, 5000, &sum), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(sum, one + other);
}

void room_fire(room *here, long number)
{
    char text[32];
    snprintf(text, sizeof text, "[%ld]", number);
    cr_expect_eq(autobus_service_fire_text(here->lamp.service, "pressed", text), AUTOBUS_OK);
}

void room_hear_number(void *userdata, const autobus_message *message)
{
    room *here = userdata;
    char thread[16] = "";
    long number = atol(autobus_message_text(message, NULL) + 1);
    if (number != atomic_load(&here->last) + 1)
        atomic_fetch_add(&here->out_of_order, 1);
    if (pthread_getname_np(pthread_self(), thread, sizeof thread) != 0 ||
        strcmp(thread, "autobus") != 0)
        atomic_fetch_add(&here->astray, 1);
    atomic_store(&here->last, number);
    atomic_fetch_add(&here->fired, 1);
}

void room_ignore(void *userdata, const autobus_message *message)
{
    (void)userdata, (void)message;
}

void room_wait_until(atomic_int *count, int value, room *here)
{
    while (atomic_load(count) < value && !atomic_load(&here->is_over))
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

/* Mostly quick ones; some are given up, on either side. */
static void call_any(room *here, unsigned *seed)
{
    int sum, one = rand_r(seed) % 1000, kind = rand_r(seed) % 200, patience = rand_r(seed) % 5;
    uint64_t call;
    if (kind == 0) {
        /* Whatever becomes of it, the next answer is not its. */
        (void)autobus_call_text(here->remote, "slow", NULL, patience, NULL);
    } else if (kind < 20) {
        (void)autobus_call_text(here->remote, "never", NULL, patience, NULL);
    } else if (kind < 40) {
        if (autobus_call_async(here->remote, "add", NULL, 1000, 0, room_ignore, NULL, NULL,
                               &call) == AUTOBUS_OK)
            (void)autobus_call_cancel(here->remote, call);
    } else if (room_add(here->remote, one, 1, 20000, &sum) != AUTOBUS_OK || sum != one + 1) {
        atomic_fetch_add(&here->wrong, 1);
    }
}

static void *call_on(void *argument)
{
    room_caller *self = argument;
    for (int i = 0; i < self->calls; i++)
        call_any(self->room, &self->seed), atomic_fetch_add(&self->room->called, 1);
    return NULL;
}

void room_start_callers(room_caller callers[ROOM_THREADS], room *here, int calls)
{
    for (unsigned i = 0; i < ROOM_THREADS; i++) {
        callers[i] = (room_caller){.room = here, .seed = i, .calls = calls};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call_on, &callers[i]), 0);
    }
}

void room_join_callers(room_caller callers[ROOM_THREADS])
{
    for (unsigned i = 0; i < ROOM_THREADS; i++)
        pthread_join(callers[i].thread, NULL);
}
