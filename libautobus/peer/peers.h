/* SPDX-License-Identifier: MIT
 * What the connections that came to us share: their owner above, their limits, and how many there are. */
#ifndef AB_PEER_PEERS_H
#define AB_PEER_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"
#include "base/map.h"
#include "net/acceptor.h"
#include "net/globs.h"
#include "peer/peer.h"

/** Where connections come from. Without gaps: the struct itself is a map's key. */
typedef struct ab_peer_source {
    ab_address address; /**< port 0 */
    pid_t process;      /**< on the unix socket each process counts for itself; else 0 */
} ab_peer_source;

/** A source with connections to us. */
typedef struct ab_peer_host {
    ab_peer_source source; /**< the key */
    size_t connections;
    size_t unbound; /**< of them, those that have not yet bound */
} ab_peer_host;

struct ab_peers {
    ab_seat *seat; /**< of the bus, which lives longer */
    ab_loop *loop;
    ab_acceptor *acceptor;
    ab_acceptor *near;  /**< of the unix socket; NULL: there is none */
    const char *folder; /**< where it is; NULL: nowhere */
    ab_globs chosen;    /**< interfaces by which connections may come */
    uint64_t bus;
    ab_peer_limits limits;
    const ab_peer_ops *ops;
    void *owner;
    ab_list callers;   /**< of ab_caller.place */
    size_t count;      /**< of their sessions, or of those that have none yet */
    ab_map hosts;      /**< of ab_peer_host */
    ab_buffer answers; /**< of the caller at work, written at the end of its turn */
    ab_buffer room;    /**< where one answer is written */
    size_t held;       /**< bytes of incomplete lines, all callers together */
    uint64_t pings;    /**< said to any of them: the ids */
    ab_time polite_since;
    size_t polite, polite_most; /**< gentle closings since then, and how many may be */
    uint64_t accepted, refused;
    uint64_t accepted_near; /**< of them on the unix socket */
};

/** Closes the stream so that what was written arrives, as long as not too many wait for that at once. */
void ab_peers_close_politely(ab_peers *peers, ab_stream *stream) AB_LOCKED;
/** A connection of this host has bound. */
void ab_peers_settle_host(ab_peer_host *host);
/** A connection of this host binds one service more, which counts like another connection. NULL: it may; else why
 *  not. */
const char *ab_peers_take_seat(ab_peers *peers, ab_peer_host *host);
/** It was unbound again. */
void ab_peers_leave_seat(ab_peers *peers, ab_peer_host *host);
/** A connection of this host is over. */
void ab_peers_leave_host(ab_peers *peers, ab_peer_host *host, bool was_bound);

#endif
