/* SPDX-License-Identifier: MIT
 * One connection that came to us: from the first byte over bind to its end. Knows what a connection may say
 * before and after it is bound; what a service answers is decided above. */
#ifndef AB_PEER_SESSION_H
#define AB_PEER_SESSION_H

#include "peer/peers.h"

struct ab_session {
    ab_list place;
    ab_peers *peers;
    ab_peer_host *host; /**< counts it until it is bound; NULL then */
    ab_stream *stream;
    ab_buffer *in;     /**< the stream's; NULL before anything came */
    ab_timer deadline; /**< until it is bound */
    void *context;     /**< of the service it is bound to; NULL: unbound, or no longer */
    size_t searched;   /**< how far there is no line end in `in` */
    size_t held;       /**< its part of ab_peers.held */
    bool is_introspection;
    bool is_autobus; /**< it said that it is one of us */
    bool is_busy;    /**< lines are being read: answers wait for the end of the turn */
    bool is_paused;  /**< does not read its answers, so we do not read its questions */
    bool is_doomed;  /**< its service is gone: closed by the bus thread soon */
    bool has_answered;
};

/** Takes the fd. */
void ab_session_begin(ab_peers *peers, int fd, ab_peer_host *host) AB_LOCKED;
/** Its service is gone: nothing of it is used any more. Any thread. */
void ab_session_doom(ab_session *session) AB_LOCKED;
/** Closes and frees it. */
void ab_session_end(ab_session *session, bool politely) AB_LOCKED;

#endif
