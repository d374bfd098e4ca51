/* SPDX-License-Identifier: MIT
 * A UDP socket, IPv4 or IPv6, that always knows interfaces by index. */
#ifndef AB_NET_DATAGRAM_H
#define AB_NET_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#include "base/address.h"
#include "loop/loop.h"

typedef struct ab_datagram ab_datagram;

/** A longer packet is cut to one byte more, so that its reader sees that it is too long. */
#define AB_DATAGRAM_LARGEST 16384

/** Where a packet came in. */
typedef struct ab_arrival {
    ab_address source;
    ab_address destination; /**< the address it was sent to; port 0 */
    unsigned interface;     /**< index */
    int ttl;                /**< -1: unknown */
} ab_arrival;

/** Bytes are borrowed for the call; at most AB_DATAGRAM_LARGEST + 1. With the lock, on the bus thread. The
 *  datagram may be closed in it. */
typedef void ab_datagram_fn(void *owner, const ab_arrival *arrival, const char *bytes,
                            size_t length);

typedef struct ab_datagram_config {
    int family;     /**< 4 or 6; the latter takes no IPv4 */
    uint16_t port;  /**< 0: any */
    bool is_shared; /**< SO_REUSEADDR: many processes read the port */
    ab_datagram_fn *heard;
    void *owner;
} ab_datagram_config;

/** Opens, binds to every address (TTL and hop limit 255, broadcast allowed, a roomy receive buffer) and
 *  reads with recvmmsg, at most 64 KiB a turn. AUTOBUS_IN_USE, or AUTOBUS_FAILED with a sentence. Opening
 *  and closing: with the lock, on the bus thread or while it does not run. */
autobus_result ab_datagram_open(ab_loop *loop, const ab_datagram_config *config, ab_datagram **ret)
    AB_LOCKED;
void ab_datagram_close(ab_datagram *datagram) AB_LOCKED;
/** From now on whatever waits at `first` is read before `datagram` is: of a packet that somebody sent to both,
 *  in that order, the copy at `first` is heard first. Close `datagram` no later than `first`; NULL: none. */
void ab_datagram_read_after(ab_datagram *datagram, ab_datagram *first);
uint16_t ab_datagram_port(const ab_datagram *datagram);
/** Joins a multicast group on one interface; again is fine. False: it can't. A membership dies with its
 *  device, but counts until it is left: leave also what is gone. */
bool ab_datagram_join(ab_datagram *datagram, const ab_address *group, unsigned interface);
void ab_datagram_leave(ab_datagram *datagram, const ab_address *group, unsigned interface);
/** Sends at once out of `interface` (0: as routed), from `source` (NULL or family 0: the kernel chooses). 0, or
 *  the errno; nothing is queued. With the lock, any thread. */
int ab_datagram_send(ab_datagram *datagram, const ab_address *to, unsigned interface,
                     const ab_address *source, const void *bytes, size_t length);
/** Packets the kernel dropped because we read too late (SO_RXQ_OVFL), since the opening. */
uint64_t ab_datagram_overflows(const ab_datagram *datagram);

#endif
