/* SPDX-License-Identifier: MIT
 * One service that is bound on a connection that came to us: its number there, its channels, and what it is told.
 * A connection has one session or, in frames, many. session.c is its life, session_say.c what it is told; what the
 * other side says comes by peer/caller.h. */
#ifndef AB_PEER_SESSION_H
#define AB_PEER_SESSION_H

#include "peer/channel.h"
#include "peer/outbox.h"
#include "peer/peer.h"

typedef struct ab_caller ab_caller;

struct ab_session {
    ab_list place; /**< of ab_caller.sessions, or of those that are over; the first is in neither */
    ab_caller *caller;
    ab_outbox outbox;
    ab_buffer kept;        /**< frames that wait until it is held no more (see caller_kept.c) */
    void *context;         /**< of the service it is bound to; NULL: unbound, or no longer */
    ab_channels *channels; /**< NULL before the first */
    uint16_t number;
    bool is_introspection;
    bool is_held; /**< those above want no more questions now */
    bool is_over; /**< has heard its last, and says nothing any more */
};

/* Its life. */

/** In the caller's memory; not bound yet. */
void ab_session_init(ab_session *session, ab_caller *caller, uint16_t number);
/** It has heard its last, which is this sentence (if it is libautobus). Those above hear of it when the bus thread
 *  does away with it, soon; with the last session its connection ends. */
void ab_session_doom(ab_session *session, const char *sentence) AB_LOCKED;
/** It reads too slowly: what waits for it is dropped, and it is doomed. */
void ab_session_drop(ab_session *session) AB_LOCKED;
/** The other side wants no more of it, and is told nothing more. */
void ab_session_leave(ab_session *session) AB_LOCKED;
/** Its connection is over: tells its channels, and those above. */
void ab_session_end(ab_session *session) AB_LOCKED;
/** Channels that are open close for this reason. */
void ab_session_close_channels(ab_session *session, const char *sentence) AB_LOCKED;
/** Its channels, made now; NULL if nothing is offered. */
ab_channels *ab_session_open_channels(ab_session *session) AB_LOCKED;

/* What it is told. */

/** What it has not taken, in bytes. */
size_t ab_session_owed(const ab_session *session);
/** Messages behind everything said before. Not urgent: nobody waits for them. */
void ab_session_say(ab_session *session, const ab_buffer *messages, bool is_urgent) AB_LOCKED;
/** The same for messages as ab_stream_pour() takes them. */
unsigned ab_session_pour(ab_session *session, struct iovec *halves, unsigned messages) AB_LOCKED;

#endif
