/* SPDX-License-Identifier: MIT
 * The listed peers: hosts named by the user (AUTOBUS_PEERS) that are asked by unicast. Reads the list and keeps
 * the addresses behind its names; asks nobody but name servers, and those off the bus thread. */
#ifndef AB_DISCOVERY_PEERS_H
#define AB_DISCOVERY_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#include "base/address.h"
#include "loop/loop.h"

#define AB_LISTED_MAX       64 /**< entries of a list */
#define AB_LISTED_ADDRESSES 4  /**< that count of one name */

/** One entry of the list. */
typedef struct ab_listed_peer {
    char *host;    /**< a name, or the text of an address */
    uint16_t port; /**< UDP */
    bool is_name;  /**< false: addresses[0] is what it says, for good */
    size_t count;  /**< 0: a name not resolved so far */
    ab_address addresses[AB_LISTED_ADDRESSES];
} ab_listed_peer;

/** Reads "host[:port],…": names, IPv4, IPv6 (in brackets when a port follows). `port` where none is given.
 *  NULL and empty make an empty list. AUTOBUS_INVALID with a sentence that shows the entry. */
autobus_result ab_listed_parse(const char *text, uint16_t port, ab_listed_peer **ret,
                               size_t *ret_count);
void ab_listed_clear(ab_listed_peer *peers, size_t count);

typedef struct ab_listed ab_listed;
/** The addresses now, all of them, whenever they change. With the lock, on the bus thread or before it runs. */
typedef void ab_listed_fn(void *owner, const ab_address *addresses, size_t count);

/** *ret is NULL for an empty list. */
autobus_result ab_listed_new(ab_loop *loop, const char *text, uint16_t port, ab_listed_fn *resolved,
                             void *owner, ab_listed **ret);
/** Tells the numeric ones from inside this call and begins to look the names up. */
void ab_listed_start(ab_listed *listed) AB_LOCKED;
/** NULL is fine. A name server that hangs is not waited for. */
void ab_listed_free(ab_listed *listed) AB_LOCKED;
/** "peers 10.1.0.5:52722, attic:52722"; free() it. */
char *ab_listed_text(const ab_listed *listed);

#endif
