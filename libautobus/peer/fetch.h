/* SPDX-License-Identifier: MIT
 * A fetch: a bus's whole list of services over TCP, page by page. */
#ifndef AB_PEER_FETCH_H
#define AB_PEER_FETCH_H

#include <stdbool.h>

#include "base/address.h"
#include "loop/loop.h"
#include "wire/lines.h"

typedef struct ab_fetch ab_fetch;
typedef struct ab_fetch_ops {
    /** False: stop. */
    bool (*page)(void *owner, uint64_t token, const ab_presence *presence, ab_value services);
    /** Once, never from inside ab_fetch_start(). The fetch is freed after it. */
    void (*done)(void *owner, uint64_t token, bool at_end);
} ab_fetch_ops;

/** Binds introspection, then pages with the `services` command. One line may be 1 MiB, the whole 64 MiB;
 *  `timeout` is for each page. */
ab_fetch *ab_fetch_start(ab_loop *loop, const ab_address *at, ab_time timeout, uint64_t token,
                         const ab_fetch_ops *ops, void *owner) AB_LOCKED;
void ab_fetch_cancel(ab_fetch *fetch) AB_LOCKED;

#endif
