/* SPDX-License-Identifier: MIT
 * The avahi source: one mDNS service `_autobus._tcp` a bus, through the avahi daemon of this machine. It says
 * where a bus is and what its presence is; infos are fetched over TCP. */
#ifndef AB_DISCOVERY_AVAHI_H
#define AB_DISCOVERY_AVAHI_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/result.h>

#include "discovery/source.h"
#include "loop/loop.h"
#include "net/interfaces.h"

/** With the lock, on the bus thread, never from inside a call of the source. */
typedef struct ab_avahi_ops {
    void (*told)(void *owner, const ab_address *at, const ab_presence *presence);
    void (*lost)(void *owner, const ab_address *at, uint64_t bus);
} ab_avahi_ops;

typedef struct ab_avahi_config {
    const ab_interfaces *interfaces; /**< outlives the source */
    bool is_restricted;    /**< only some interfaces are used: the service is published on those */
    bool allow_routed;     /**< addresses beyond our links count */
    uint64_t bus;          /**< ours, to be left out */
    ab_time probe_timeout; /**< for asking a bus whose record has vanished */
    const ab_avahi_ops *ops;
    void *owner;
} ab_avahi_config;

/** AUTOBUS_FAILED with a sentence if the library was built without avahi or avahi's own is not installed; that
 *  no daemon runs is no failure. On the bus thread or before it runs. */
autobus_result ab_avahi_new(ab_loop *loop, const ab_avahi_config *config, ab_source **ret)
    AB_LOCKED;
/** The interfaces have changed. NULL is fine. */
void ab_avahi_interfaces_changed(ab_source *source);

#endif
