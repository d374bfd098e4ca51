/* SPDX-License-Identifier: MIT
 * Pursuits: the probes and fetches over TCP that the directory orders. Any number may be ordered, from any
 * thread; a bounded number is under way at a time. */
#ifndef AB_DISCOVERY_PURSUIT_H
#define AB_DISCOVERY_PURSUIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "value/scan.h"
#include "wire/datagram.h"

/** On the bus thread with the lock, never from inside an order. */
typedef struct ab_pursuit_ops {
    void (*probed)(void *owner, uint64_t token, bool is_alive);
    /** False: enough. */
    bool (*page)(void *owner, uint64_t token, const ab_presence *presence, ab_value services);
    void (*fetched)(void *owner, uint64_t token, bool at_end);
} ab_pursuit_ops;

typedef struct ab_pursuits ab_pursuits;

/** `timeout` is for a probe, and for each page of a fetch; `most` are under way at a time. */
ab_pursuits *ab_pursuits_new(ab_loop *loop, ab_time timeout, size_t most, const ab_pursuit_ops *ops,
                             void *owner);
/** Gives up all of them; no op is called. NULL is fine. */
void ab_pursuits_free(ab_pursuits *pursuits) AB_LOCKED;
/** `service` NULL: introspection. With the lock. */
void ab_pursuits_probe(ab_pursuits *pursuits, uint64_t token, const ab_address *at,
                       const char *service) AB_LOCKED;
void ab_pursuits_fetch(ab_pursuits *pursuits, uint64_t token, const ab_address *at) AB_LOCKED;

#endif
