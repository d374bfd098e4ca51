/* SPDX-License-Identifier: MIT
 * The broadcast source: UDP sockets of our own that we send from and are answered at, and the shared ones of
 * the discovery port that only listen; IPv4 and IPv6, whichever there is. */
#ifndef AB_DISCOVERY_BROADCAST_H
#define AB_DISCOVERY_BROADCAST_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/result.h>

#include "discovery/source.h"
#include "loop/loop.h"
#include "net/interfaces.h"

/** A packet came, not from ourselves. Bytes are borrowed. With the lock, on the bus thread. */
typedef void ab_broadcast_fn(void *owner, const ab_origin *origin, const char *bytes,
                             size_t length);

typedef struct ab_broadcast_config {
    uint16_t port; /**< the discovery port */
    /** Only for listed peers: own sockets, no shared one, and nothing is sent but to a place. */
    bool is_for_peers;
    const ab_interfaces *interfaces; /**< outlives the source */
    ab_broadcast_fn *heard;
    void *owner;
} ab_broadcast_config;

/** Opens the sockets; on the bus thread or before it runs. AUTOBUS_IN_USE with a sentence that names the port
 *  if a program holds it for itself; AUTOBUS_FAILED if there is neither IPv4 nor IPv6. */
autobus_result ab_broadcast_new(ab_loop *loop, const ab_broadcast_config *config, ab_source **ret)
    AB_LOCKED;
/** The interfaces have changed: joins the group where it can be joined now. */
void ab_broadcast_join(ab_source *source);
/** True if a packet that arrives with this TTL crossed no router. Systems start at 255 (as we do), 128, 64 or,
 *  for multicast, 1; unknown (-1) passes. No proof: the address is looked at as well. */
bool ab_broadcast_is_fresh(int ttl);

#endif
