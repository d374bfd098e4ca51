/* SPDX-License-Identifier: MIT
 * Conversations with other buses over TCP, or a unix socket: those who come to us, and our probes and fetches.
 * What binds and commands mean is decided above, through the ops. */
#ifndef AB_PEER_PEER_H
#define AB_PEER_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/bus.h>
#include <autobus/channel.h>

#include "base/address.h"
#include "base/text.h"
#include "loop/seat.h"
#include "net/stream.h"
#include "wire/codec.h"

/** A service that is bound on a connection that came to us. There may be several on one. */
typedef struct ab_session ab_session;

/** All with the lock, on the bus thread. */
typedef struct ab_peer_ops {
    /** May this service be bound? `service` NULL: introspection. Returns a context of this session's own, NULL: no
     *  such. */
    void *(*bind)(void *owner, ab_session *session, const ab_slice *service);
    /** A command on a bound session that peer itself does not know (it answers bind, ping, services, and what
     *  belongs to channels). Answer through ab_session_answer_*; returning false answers "no such command". */
    bool (*command)(void *owner, ab_session *session, void *context, const ab_ask *ask);
    /** The session is over; `context` and the session will not be used again. Called once for each bind that
     *  succeeded; forget every slot of this session before it returns. */
    void (*unbound)(void *owner, ab_session *session, void *context);
    /** The client opens a channel: see ab_channels_ops.offered. */
    bool (*offered)(void *owner, ab_session *session, void *context, autobus_channel *offered,
                    ab_slice name, bool is_stream);
    /** Writes a page of our services after `after` (NULL: from the start) as a response to `id`. */
    void (*services)(void *owner, ab_buffer *out, ab_value id, const ab_slice *after);
    /** True while something that the session asked will still be answered. NULL op: never. */
    bool (*owes)(void *owner, ab_session *session, void *context);
    /** A legacy peer bound or probed. */
    void (*legacy_seen)(void *owner);
} ab_peer_ops;

typedef struct ab_peer_limits {
    size_t max_inbound; /**< connections, and further sessions of them; of one other host half */
    size_t max_unbound_per_source, max_message;
    size_t max_queued; /**< bytes waiting to be sent to one session whose client does not read */
    size_t max_calls;  /**< for those above: requests of one session not yet answered */
    size_t max_channels, window;
    ab_time unbound_life, unresponsive, silence;
    bool has_frames; /**< takes an offer of them */
} ab_peer_limits;

/** A place in the queue of a session for what only the latest state of matters: an object that changes. Embedded in
 *  its owner. */
typedef struct ab_slot ab_slot;
struct ab_slot {
    ab_list place;
    /** Its turn: appends one whole message of the session's codec with the state of now. With the lock. */
    void (*write)(ab_slot *slot, ab_buffer *out);
};

typedef struct ab_peers ab_peers;

/** Listens on `port` (0: any). Of the descriptors that the process may have now, at most half
 *  are accepted, and half as many again wait for a polite end. */
autobus_result ab_peers_new(ab_seat *seat, uint16_t port, uint64_t bus,
                            const ab_peer_limits *limits, const ab_peer_ops *ops, void *owner,
                            ab_peers **ret) AB_LOCKED;
/** Listens on the unix socket of this bus in `folder` as well, which outlives the peers; whatever that meets is no
 *  failure. Once. */
void ab_peers_listen_near(ab_peers *peers, const char *folder) AB_LOCKED;
/** Lets in by TCP only what comes by these interfaces or by loopback; the rest is reset without a word, and
 *  counted as refused. Globs as of ab_globs_init(). Once. */
void ab_peers_choose(ab_peers *peers, const char *interfaces) AB_LOCKED;
/** Closes everything; answers already written are sent first, for at most a second, in the background of the
 *  kernel. No op is called after. */
void ab_peers_free(ab_peers *peers) AB_LOCKED;
uint16_t ab_peers_port(const ab_peers *peers);
/** Our bus took another id; its unix socket goes by that from now on. On the bus thread. */
void ab_peers_set_bus(ab_peers *peers, uint64_t bus) AB_LOCKED;
uint64_t ab_peers_stat(const ab_peers *peers, autobus_stat which);

/* What a session says, from any thread with the lock, in one order. While the client reads, it leaves at once; what
 * it does not read is queued, up to max_queued: then the session is dropped with a reason, unless it is for answers,
 * during which no more questions are read. */

void ab_session_answer(ab_session *session, ab_value id, const char *key, ab_slice value) AB_LOCKED;
/** `code` stands beside the sentence, so that libautobus can tell failures apart. */
void ab_session_answer_error(ab_session *session, ab_value id, autobus_result code,
                             const char *text) AB_LOCKED;
/** What it is written to: for those above that write for many at once. */
const ab_codec *ab_session_codec(const ab_session *session);
/** A message that was written once, by one codec, for all who speak it. */
typedef struct ab_circular {
    ab_buffer message;
    ab_text
        *kept; /**< a copy, shared by those for whom it has to wait; NULL: it waits for nobody */
    ab_time said_at; /**< 0: nobody had to know yet */
} ab_circular;
void ab_circular_init(ab_circular *circular);
void ab_circular_fini(ab_circular *circular);
/** For the next message, in the same memory. */
void ab_circular_clear(ab_circular *circular);
/** Whoever it drops is `unbound` a little later, on the bus thread, never from inside. */
void ab_session_send(ab_session *session, ab_circular *circular) AB_LOCKED;
/** The slot's state has changed: it is written in the place of its oldest change that was not yet sent. */
void ab_session_touch(ab_session *session, ab_slot *slot) AB_LOCKED;
void ab_slot_init(ab_slot *slot, void (*write)(ab_slot *slot, ab_buffer *out));
/** It will not be written any more. Safe when it is nowhere queued. */
void ab_slot_forget(ab_slot *slot);

/** While held, it asks no more: for those above, when they have not done what it asked before. What comes for it is not
 *  read, or kept where others are on its connection. */
void ab_session_hold(ab_session *session, bool is_held) AB_LOCKED;

/** True if the client is libautobus. */
bool ab_session_is_autobus(const ab_session *session);
/** The client's host, without port. */
const char *ab_session_host(const ab_session *session, char text[AB_ADDRESS_TEXT]);
const ab_peer_limits *ab_session_limits(const ab_session *session);
/** Says why (to libautobus), and ends it, with the last one of a connection that, soon; `unbound` is called from
 *  inside. Any thread. */
void ab_session_dismiss(ab_session *session, const char *sentence) AB_LOCKED;

#endif
