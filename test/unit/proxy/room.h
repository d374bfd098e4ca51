/* SPDX-License-Identifier: MIT
 * A lamp and a connection to it, from buses that do nothing else, and threads that call it. */
#ifndef TEST_PROXY_ROOM_H
#define TEST_PROXY_ROOM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <autobus/autobus.h>

#include "home.h"

#define ROOM_THREADS 8

typedef struct room {
    lamp lamp;
    autobus_bus *bus;
    autobus_remote *remote;
    atomic_bool is_over;
    atomic_int called; /**< calls by all callers */
    atomic_int wrong;  /**< answers that were not theirs */
    atomic_int fired, out_of_order;
    atomic_int astray; /**< callbacks on another thread than the bus's */
    atomic_long last;
} room;

void room_enter(room *here);
/** The same with a bus that is dispatched. */
void room_enter_to_dispatch(room *here);
/** What is gone already may be NULL. */
void room_leave(room *here);

autobus_result room_add(autobus_remote *remote, int one, int other, int timeout, int *ret_sum);
void room_expect_sum(autobus_remote *remote, int one, int other);
/** Fires "pressed" with this number. */
void room_fire(room *here, long number);
/** An autobus_message_fn; userdata is the room. Numbers come one after the other. */
void room_hear_number(void *userdata, const autobus_message *message);
/** An autobus_message_fn. */
void room_ignore(void *userdata, const autobus_message *message);
/** Looks again and again, until the count is there or the room is over. */
void room_wait_until(atomic_int *count, int value, room *here);

typedef struct room_caller {
    room *room;
    unsigned seed;
    int calls;
    pthread_t thread;
} room_caller;

/** Each makes so many calls of all kinds. */
void room_start_callers(room_caller callers[ROOM_THREADS], room *here, int calls);
void room_join_callers(room_caller callers[ROOM_THREADS]);

#endif
