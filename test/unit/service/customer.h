/* SPDX-License-Identifier: MIT
 * Somebody who uses a service over a socket, with lines written by hand, and a shop to use: a bus with a service
 * and functions that note what happens to them. */
#ifndef AUTOBUS_TEST_CUSTOMER_H
#define AUTOBUS_TEST_CUSTOMER_H

#include <stdatomic.h>

#include <criterion/criterion.h>

#include <autobus/autobus.h>

#include "support/hand.h"

/** Connects to the bus and binds; `service` NULL: introspection. */
hand *customer_bind(const autobus_bus *bus, const char *service);
/** Sends printf'd text as one line; single quotes become double ones. */
void customer_say(hand *customer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void customer_call(hand *customer, int id, const char *function, const char *arguments);
/** True if the next line is like this; says in the log what came else. */
bool customer_hears(hand *customer, const char *wanted);
/** True if nothing came that was not read: a ping is answered next. */
bool customer_hears_nothing(hand *customer);

/** What the functions of a shop note. */
typedef struct shop {
    autobus_bus *bus;
    autobus_service *service;
    atomic_int calls, freed;
    atomic_bool may_end;
    _Atomic(autobus_request *) kept;
} shop;

/** A hermit bus with the options given (NULL: none) and the service "shop", published. */
void shop_open(shop *at, autobus_options *options);
void shop_close(shop *at);
/** Adds a function; userdata is the shop, and the hook counts `freed`. */
void shop_offer(shop *at, const char *name, autobus_policy policy, autobus_function_fn *handler);
void shop_freed(void *userdata);

/** Handlers: answers the list of arguments; returns without an answer; keeps the request; waits for may_end. */
void shop_echo(void *userdata, autobus_request *request);
void shop_nothing(void *userdata, autobus_request *request);
void shop_keep(void *userdata, autobus_request *request);
void shop_block(void *userdata, autobus_request *request);

#endif
