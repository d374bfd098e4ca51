/* SPDX-License-Identifier: MIT
 * One connection that came to us: from the first byte over bind to its end. Knows what a connection may say
 * before and after it is bound; what a service answers is decided above. session.c is its life, session_hear.c
 * what it says to us in lines, session_frames.c in frames, session_say.c what it is told. */
#ifndef AB_PEER_SESSION_H
#define AB_PEER_SESSION_H

#include "peer/channel.h"
#include "peer/outbox.h"
#include "peer/peers.h"
#include "peer/pulse.h"

struct ab_session {
    ab_list place;
    ab_peers *peers;
    ab_peer_host *host; /**< where it comes from, and is counted */
    ab_stream *stream;
    ab_outbox outbox;
    const ab_codec *codec;
    ab_buffer *in;   /**< the stream's; NULL before anything came */
    size_t searched; /**< how far there is no line end in `in` */
    size_t held;     /**< its part of ab_peers.held */
    union {
        ab_timer deadline; /**< until it is bound, and again once it is leaving */
        ab_pulse pulse;    /**< in between */
    };
    ab_task soon;          /**< what is left for the bus thread: to go on saying, or to end it */
    void *context;         /**< of the service it is bound to; NULL: unbound, or no longer */
    ab_channels *channels; /**< NULL before the first */
    bool is_bound;
    bool is_introspection;
    bool is_autobus; /**< it said that it is one of us */
    bool is_busy;    /**< lines are being read: answers wait for the end of the turn */
    bool is_paused;  /**< does not read its answers, so we do not read its questions */
    bool is_held;    /**< those above want no more questions now */
    uint8_t looks;   /**< at one who is leaving, a second each */
    bool is_leaving; /**< has closed its direction, and waits for the last answers */
    bool is_doomed;  /**< has heard its last: closed by the bus thread soon */
    bool has_answered;
};

/* Its life. */

/** Takes the fd. */
void ab_session_begin(ab_peers *peers, int fd, ab_peer_host *host) AB_LOCKED;
/** A service took it: `context` is its. */
void ab_session_become_bound(ab_session *session, void *context) AB_LOCKED;
/** Who does not read our answers is not read either. */
void ab_session_pause(ab_session *session, bool is_paused) AB_LOCKED;
/** It has heard its last, which is this sentence (if it is libautobus); the bus thread ends it soon. */
void ab_session_doom(ab_session *session, const char *sentence) AB_LOCKED;
/** Closes and frees it; on the bus thread, but not while it is busy. */
void ab_session_end(ab_session *session, bool politely) AB_LOCKED;

/* What it says to us. */

/** What the lines lead to. */
typedef enum ab_hearing {
    AB_HEARD,      /**< go on */
    AB_HEARD_LAST, /**< it asked for what is not there, and was told so; that was all */
    AB_HEARD_WRONG /**< it speaks something else, or asks for too much */
} ab_hearing;
/** Hears all that is complete in `in`, unless the answers pile up. */
ab_hearing ab_session_hear(ab_session *session) AB_LOCKED;
/** Hears one message of frames, if there is one. *is_more: there may be another. */
ab_hearing ab_session_hear_frame(ab_session *session, bool *is_more) AB_LOCKED;
/** Its channels, made now; NULL if nothing is offered. */
ab_channels *ab_session_open_channels(ab_session *session) AB_LOCKED;

/* What it is told. */

/** What is to be said while lines are read goes out in one piece, here. */
void ab_session_flush(ab_session *session) AB_LOCKED;
/** What it has not taken, in bytes; and whether that is so much, or it is held, that it is not read any more. */
size_t ab_session_owed(const ab_session *session);
bool ab_session_owes_much(const ab_session *session);
/** Messages behind everything said before. Not urgent: nobody waits for them. */
void ab_session_say(ab_session *session, const ab_buffer *messages, bool is_urgent) AB_LOCKED;
/** The same for messages as ab_stream_pour() takes them. */
unsigned ab_session_pour(ab_session *session, struct iovec *halves, unsigned messages) AB_LOCKED;
/** It takes more: the next piece. */
void ab_session_say_on(ab_session *session) AB_LOCKED;

#endif
