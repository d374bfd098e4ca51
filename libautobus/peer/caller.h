/* SPDX-License-Identifier: MIT
 * One connection that came to us, from the first byte over bind to its end, and the sessions on it. Knows what a
 * connection may say before and after it is bound; what a service answers is decided above. caller.c is its life,
 * caller_lines.c what it says to us in lines, caller_frames.c in frames, caller_kept.c what of that has to wait,
 * caller_say.c how what its sessions are told leaves. */
#ifndef AB_PEER_CALLER_H
#define AB_PEER_CALLER_H

#include "peer/outlet.h"
#include "peer/peers.h"
#include "peer/pulse.h"
#include "peer/session.h"

struct ab_caller {
    ab_list place; /**< of ab_peers.callers */
    ab_peers *peers;
    ab_peer_host *host; /**< where it comes from, and is counted */
    ab_stream *stream;
    ab_outlet outlet;
    const ab_codec *codec;
    ab_buffer *in;   /**< the stream's; NULL before anything came */
    size_t searched; /**< how far there is no line end in `in` */
    size_t held;     /**< its part of ab_peers.held */
    union {
        ab_timer deadline; /**< until it is bound, and again once it is leaving */
        ab_pulse pulse;    /**< in between */
    };
    ab_task soon;     /**< what is left for the bus thread: to go on saying, or to end something */
    ab_session first; /**< which every connection has: number 0 */
    ab_list sessions; /**< of ab_session.place: the others, oldest first */
    ab_map by_number; /**< the same */
    ab_list over;  /**< of ab_session.place: of the others, those that the bus thread has to free */
    ab_outbox own; /**< what belongs to no session, if there may be several */
    ab_outbox *at; /**< of whom ab_peers.answers are */
    size_t bound;  /**< sessions */
    size_t holds;  /**< of them, those that are held */
    size_t kept;   /**< bytes of frames that they keep */
    uint16_t last; /**< the largest number of a session so far */
    bool is_bound; /**< or was once */
    bool is_autobus;   /**< it said that it is one of us */
    bool is_shared;    /**< it knows of several sessions, and of credit */
    bool is_busy;      /**< it is being heard: answers wait for the end of the turn */
    bool is_stuck;     /**< the next message is for one that is held, and cannot be kept */
    bool is_paused;    /**< does not read its answers, so we do not read its questions */
    bool wants_room;   /**< a channel was told that there was none */
    uint8_t looks;     /**< at one who is leaving, a second each */
    bool is_leaving;   /**< has closed its direction, and waits for the last answers */
    bool is_doomed;    /**< has heard its last: closed by the bus thread soon */
    bool has_answered; /**< anything was ever said */
};

/* Its life. */

/** Takes the fd. */
void ab_caller_begin(ab_peers *peers, int fd, ab_peer_host *host) AB_LOCKED;
/** A service took its first session: `context` is its. */
void ab_caller_become_bound(ab_caller *caller, void *context) AB_LOCKED;
/** Who does not read our answers is not read either. */
void ab_caller_pause(ab_caller *caller, bool is_paused) AB_LOCKED;
/** Its last session is over; the bus thread ends it soon. */
void ab_caller_doom(ab_caller *caller) AB_LOCKED;
/** Closes and frees it; on the bus thread, but not while it is busy. */
void ab_caller_end(ab_caller *caller, bool politely) AB_LOCKED;

/* What it says to us. */

/** What it says leads to. */
typedef enum ab_hearing {
    AB_HEARD,      /**< go on */
    AB_HEARD_LAST, /**< that was all: what it wants is not there, or it wants nothing more */
    AB_HEARD_WRONG /**< it speaks something else, or asks for too much */
} ab_hearing;
/** Hears all that is complete in `in`, unless the answers pile up. */
ab_hearing ab_caller_hear(ab_caller *caller) AB_LOCKED;
/** Hears one message of frames, if there is one. *is_more: there may be another. */
ab_hearing ab_caller_hear_frame(ab_caller *caller, bool *is_more) AB_LOCKED;

/** The session that this is of, as long as it is bound; NULL. */
ab_session *ab_caller_session(ab_caller *caller, uint16_t number);
/** Hears what a message of frames says. What was wrong with it; NULL: nothing. */
const char *ab_caller_obey(ab_caller *caller, const ab_frame *frame) AB_LOCKED;
/** The mistake is told, and is the last that is. */
ab_hearing ab_caller_refuse(ab_caller *caller, const char *mistake) AB_LOCKED;

/* What waits, for its session is held. */

/** True: what comes next has to, and cannot be kept. */
bool ab_caller_gets_stuck(ab_caller *caller);
/** Keeps this message, of so many bytes at the beginning of `in`; false: it need not wait. */
bool ab_caller_keep(ab_caller *caller, const ab_frame *frame, size_t length);
/** Hears what was kept for those that are held no more; `is_last`: for all, for nothing more comes. */
ab_hearing ab_caller_hear_kept(ab_caller *caller, bool is_last) AB_LOCKED;
void ab_caller_drop_kept(ab_session *session);

/* What it is told. */

/** Where this one's answers are written while it is being heard. */
ab_buffer *ab_caller_collect(ab_caller *caller, ab_outbox *outbox) AB_LOCKED;
/** Where that goes which is no session's. */
ab_outbox *ab_caller_own(ab_caller *caller);
/** What is to be said while it is being heard goes out in one piece, here. */
void ab_caller_flush(ab_caller *caller) AB_LOCKED;
/** Everything that waits goes to the stream. */
void ab_caller_finish(ab_caller *caller) AB_LOCKED;
/** Whether it has not taken so much that it is not heard any more; and whether it is not read, for that or because
 *  nothing more can be kept for those that are held. */
bool ab_caller_is_full(const ab_caller *caller);
bool ab_caller_owes_much(const ab_caller *caller);
/** Tells its channels that there is room again. */
void ab_caller_ease(ab_caller *caller) AB_LOCKED;
/** It takes more: the next piece. */
void ab_caller_say_on(ab_caller *caller) AB_LOCKED;

#endif
