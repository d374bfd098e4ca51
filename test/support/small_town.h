/* SPDX-License-Identifier: MIT
 * Buses that meet on loopback only, on a discovery port of their own, and what their listeners heard. */
#ifndef TEST_SUPPORT_SMALL_TOWN_H
#define TEST_SUPPORT_SMALL_TOWN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <autobus/autobus.h>

/** A UDP port that nobody uses now. */
uint16_t town_port(void);
/** Options for a bus that meets others on loopback at that port, and says things without holding back. */
autobus_options *town_options(uint16_t port);
/** Such a bus; fails the test if it does not start. */
autobus_bus *town_bus(uint16_t port);
/** A bus without discovery. */
autobus_bus *town_hermit(void);
/** A published service with this id and {'type': 'lamp'}. */
autobus_service *town_lamp(autobus_bus *bus, const char *id);

/** Checks that the bus has connected to services, and that it went the way that the run asks for (transport.h). */
void town_expect_way(autobus_bus *bus);

/** True if services of one bus share a connection, as they do in frames; see AUTOBUS_WIRE. */
bool town_shares_connections(void);

/** What listeners heard, one after the other, as "+id -id ~id " of each. */
typedef struct town_ear {
    pthread_mutex_t mutex;
    pthread_cond_t news;
    char text[4096];
    int freed; /**< how often the free hook ran */
} town_ear;

void town_ear_init(town_ear *ear);
void town_ear_fini(town_ear *ear);
/** An autobus_listener_fn and an autobus_free_fn; userdata is the ear. */
void town_ear_heard(void *userdata, autobus_change change, const autobus_sighting *sighting);
void town_ear_freed(void *userdata);
/** True once the text is exactly this, within five seconds. */
bool town_ear_hears(town_ear *ear, const char *text);
/** True once the hook has run that often, within five seconds. */
bool town_ear_is_freed(town_ear *ear, int times);
/** A listener for lamps with the ear behind it. */
autobus_listener *town_listen(autobus_bus *bus, town_ear *ear);

#endif
