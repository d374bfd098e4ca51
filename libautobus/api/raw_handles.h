/* SPDX-License-Identifier: MIT
 * The numbers that raw.h hands out, and what they stand for: one table for the process. A number holds where in the
 * table it is, how often that place was used before, and of what kind the thing is, so that an old one is noticed.
 * Knows no function of the things but how each is freed. Any thread. */
#ifndef AB_API_RAW_HANDLES_H
#define AB_API_RAW_HANDLES_H

#include <stdatomic.h>

#include <autobus/autobus.h>
#include <autobus/raw.h>

#include "base/compiler.h"

typedef enum ab_handle_kind {
    AB_HANDLE_BUS = 1,
    AB_HANDLE_LISTENER,
    AB_HANDLE_SERVICE,
    AB_HANDLE_REQUEST,
    AB_HANDLE_REMOTE,
    AB_HANDLE_SUBSCRIPTION,
    AB_HANDLE_CHANNEL
} ab_handle_kind;

typedef struct ab_handle {
    union {
        void *thing;
        autobus_bus *bus;
        autobus_listener *listener;
        autobus_service *service;
        autobus_request *request;
        autobus_remote *remote;
        autobus_subscription *subscription;
        autobus_channel *channel;
    };
    autobus_handle number;
    atomic_uint references; /**< to this struct: the maker's, and one of all uses */
    atomic_uint users;      /**< functions that work on the thing now, and the table */
    bool is_lent;           /**< a channel that is offered and not accepted yet */
} ab_handle;

/** A place for a thing about to be made. *ret is its number at once, since callbacks may begin before the thing's
 *  maker returns. Follow with ab_handle_made(). */
ab_handle *ab_handle_make(ab_handle_kind kind, autobus_handle *ret);
/** With a failure the place is given up and *ret is 0. Returns `result`. */
autobus_result ab_handle_made(ab_handle *handle, autobus_result result, autobus_handle *ret);
/** A thing that is there already. One that is lent goes back with ab_handle_return(). */
autobus_handle ab_handle_of(ab_handle_kind kind, void *thing, bool is_lent);

/** Begins to use it: until ab_handle_leave() it is not freed. NULL with a sentence where the number is stale or of
 *  another kind. */
ab_handle *ab_handle_enter(autobus_handle number, ab_handle_kind kind);
/** Ends that; for AB_SCOPED. A pointer to NULL is fine. */
void ab_handle_leave(ab_handle **handle);

/** What was lent goes back, unless it was accepted or freed: its number is stale from here on. */
void ab_handle_return(autobus_handle number);

#endif
