/* SPDX-License-Identifier: MIT
 * A home with lamps: buses on loopback, a service that counts what it is asked, and what was heard of it. */
#ifndef TEST_PROXY_HOME_H
#define TEST_PROXY_HOME_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <autobus/autobus.h>

/** A bus with one lamp: functions add, fail, slow (500 ms, on the pool), never, and count; the object level, the
 *  event pressed, the channel echo. */
typedef struct lamp {
    autobus_bus *bus;
    autobus_service *service;
    atomic_int counted; /**< calls of count */
} lamp;

/** `id` NULL: one of its own. */
void lamp_switch_on(lamp *here, uint16_t town, const char *id, int level);
void lamp_switch_off(lamp *here);

/** Everything heard, as "kind name text;" one after the other. */
typedef struct record {
    pthread_mutex_t mutex;
    char text[16384];
    int count, freed;
} record;

void record_init(record *here);
void record_fini(record *here);
/** An autobus_message_fn and an autobus_free_fn; userdata is the record. */
void record_heard(void *userdata, const autobus_message *message);
void record_freed(void *userdata);
bool record_has(record *here, const char *text);
int record_count(record *here);
int record_frees(record *here);

/** A proxy for {'type': 'lamp'}. */
autobus_remote *home_proxy(autobus_bus *bus);
/** How much of a long test is to be run: 0.1 by default. */
double home_scale(void);

#endif
