/* SPDX-License-Identifier: MIT
 * Conversations with other buses over TCP: those who come to us, and our probes and fetches. What binds and
 * commands mean is decided above, through the ops. */
#ifndef AB_PEER_PEER_H
#define AB_PEER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/bus.h>

#include "loop/loop.h"
#include "net/stream.h"
#include "wire/lines.h"

typedef struct ab_session ab_session; /**< one inbound connection */

/** All with the lock, on the bus thread. */
typedef struct ab_peer_ops {
    /** May this service be bound? `service` NULL: introspection. Returns the session's context, NULL: no such. */
    void *(*bind)(void *owner, ab_session *session, const ab_slice *service);
    /** A command on a bound session that peer itself does not know (it answers bind, ping, services). Answer
     *  through ab_session_answer_*; returning false answers "no such command". */
    bool (*command)(void *owner, ab_session *session, void *context, const ab_message *message);
    /** The session is over; `context` will not be used again. Called once for each bind that succeeded. */
    void (*unbound)(void *owner, ab_session *session, void *context);
    /** Writes a page of our services after `after` (NULL: from the start) as a response to `id`. */
    void (*services)(void *owner, ab_buffer *out, ab_value id, const ab_slice *after);
    /** A legacy peer bound or probed. */
    void (*legacy_seen)(void *owner);
} ab_peer_ops;

typedef struct ab_peer_limits {
    size_t max_inbound, max_unbound_per_source, max_message;
    ab_time unbound_life;
} ab_peer_limits;

typedef struct ab_peers ab_peers;

/** Listens on `port` (0: any). Of the descriptors that the process may have now, at most half
 *  are accepted, and half as many again wait for a polite end. */
autobus_result ab_peers_new(ab_loop *loop, uint16_t port, uint64_t bus,
                            const ab_peer_limits *limits, const ab_peer_ops *ops, void *owner,
                            ab_peers **ret) AB_LOCKED;
/** Closes everything; answers already written are sent first, for at most a second, in the background of the
 *  kernel. No op is called after. */
void ab_peers_free(ab_peers *peers) AB_LOCKED;
uint16_t ab_peers_port(const ab_peers *peers);
/** Our bus took another id. */
void ab_peers_set_bus(ab_peers *peers, uint64_t bus);
/** Closes every session bound with this context, gently. */
void ab_peers_close_context(ab_peers *peers, const void *context) AB_LOCKED;
uint64_t ab_peers_stat(const ab_peers *peers, autobus_stat which);

void ab_session_answer(ab_session *session, ab_value id, const char *key, ab_slice value) AB_LOCKED;
void ab_session_answer_error(ab_session *session, ab_value id, const char *text) AB_LOCKED;

#endif
