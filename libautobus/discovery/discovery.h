/* SPDX-License-Identifier: MIT
 * Discovery: the sources a bus was asked for, the directory they feed, and the probes and fetches that it
 * orders from the peer layer. */
#ifndef AB_DISCOVERY_DISCOVERY_H
#define AB_DISCOVERY_DISCOVERY_H

#include <stdbool.h>

#include <autobus/bus.h>

#include "directory/directory.h"
#include "loop/loop.h"

typedef struct ab_discovery_config {
    ab_directory_config directory; /**< `is_silent` is set from `sources` */
    uint16_t udp_port;
    const char *sources;    /**< "broadcast,avahi" or "none"; unknown names are AUTOBUS_INVALID */
    const char *interfaces; /**< globs, NULL: all */
    const char *peers;      /**< "host[:udp-port],…", NULL: none */
} ab_discovery_config;

typedef struct ab_discovery_ops {
    void (*changed)(void *owner, autobus_change change, autobus_sighting *sighting);
    /** As of the directory. */
    void (*widened)(void *owner, autobus_sighting *sighting);
    /** Our bus took another id, since somebody else has the old one. */
    void (*renamed)(void *owner, uint64_t bus);
    /** The directory was given something or did something; with the lock, any thread. May be NULL. */
    void (*turned)(void *owner);
} ab_discovery_ops;

typedef struct ab_discovery ab_discovery;

/** Before the loop's thread runs. Sockets are open when it returns; with sources "none" there is none. */
autobus_result ab_discovery_new(ab_loop *loop, const ab_discovery_config *config,
                                const ab_discovery_ops *ops, void *owner, ab_discovery **ret)
    AB_LOCKED;
/** After the loop's thread has ended, or on it. */
void ab_discovery_free(ab_discovery *discovery) AB_LOCKED;

/** The directory, for asking it; with the lock. After any call that changes it: ab_discovery_touch(). */
ab_directory *ab_discovery_directory(ab_discovery *discovery);
/** Lets the bus thread know of a new deadline. With the lock, any thread. */
void ab_discovery_touch(ab_discovery *discovery) AB_LOCKED;
/** "eth0 (10.0.0.2), lo (127.0.0.1)"; free() it. */
char *ab_discovery_text(ab_discovery *discovery);
uint64_t ab_discovery_stat(ab_discovery *discovery, autobus_stat which);

#endif
