/* SPDX-License-Identifier: MIT
 * A link from the inside, for the files that make it: link.c has its life and its calls, link_say.c what it says,
 * link_lines.c what it hears in lines of JSON, link_frames.c in frames. */
#ifndef AB_PEER_LINK_STATE_H
#define AB_PEER_LINK_STATE_H

#include "base/buffer.h"
#include "net/stream.h"
#include "peer/calls.h"
#include "peer/knock.h"
#include "peer/link.h"
#include "peer/pulse.h"
#include "wire/codec.h"

typedef enum ab_link_stage {
    AB_LINK_CONNECTING,
    AB_LINK_BINDING,
    AB_LINK_BOUND,
    AB_LINK_ENDED
} ab_link_stage;

struct ab_link {
    ab_loop *loop;
    ab_address at;
    ab_link_limits limits;
    const ab_link_ops *ops;
    void *owner;
    const ab_codec *codec;
    ab_stream *stream; /**< NULL once it has ended */
    ab_reader *reader; /**< of the stream; NULL: no thread has waited yet */
    ab_channels *channels;
    ab_pulse pulse;
    ab_timer deadline; /**< of connecting and binding */
    ab_knock knock;    /**< while there is doubt */
    ab_task overflow;  /**< the end of somebody who does not read */
    ab_calls calls;    /**< under way */
    uint64_t last_id;
    uint64_t near;       /**< the bus that has to answer on the unix socket; 0: this is TCP */
    char *service;       /**< to be bound; NULL: introspection, or it is bound */
    char *reason;        /**< said by the other side for closing; NULL: none */
    const char *mistake; /**< of the other side, in frames; the link ends of it. NULL: none */
    ab_link_stage stage;
    unsigned calls_above; /**< of the loop, on the stack; the last one frees a closed link */
    bool is_autobus;
    bool is_paused;
    bool is_misled; /**< the unix socket was not that of the bus: TCP will be */
    bool is_closed;

    /* link_say.c's */
    ab_buffer out; /**< said while we hear; leaves in one piece */
    size_t
        aside; /**< bytes that were queued unasked (see ab_link_said_aside()) since nothing waited */
    bool is_hearing;

    /* link_lines.c's */
    ab_buffer *in;   /**< the stream's, since something came */
    ab_buffer room;  /**< for names and values that have to be written anew */
    size_t searched; /**< of `in`, for the end of a line */
};

/* link.c */

/** The other side answered the bind. */
void ab_link_become_bound(ab_link *link, bool is_autobus) AB_LOCKED;
/** It is over. On the bus thread; the sentence is copied. */
void ab_link_end(ab_link *link, autobus_result why, const char *sentence) AB_LOCKED;
/** Completes the call with this id, if there is one. */
bool ab_link_complete(ab_link *link, uint64_t id, autobus_result result, ab_slice value,
                      ab_slice error) AB_LOCKED;
/** "127.0.0.1:80", in a buffer of the thread's own. */
const char *ab_link_place(const ab_link *link);

/* link_say.c */

void ab_link_say_bind(ab_link *link, const char *service) AB_LOCKED;
/** `call` NULL: no answer is wanted. TOO_LARGE, BUSY: it is not said. */
autobus_result ab_link_say_call(ab_link *link, const ab_call *call, ab_slice name,
                                ab_slice arguments) AB_LOCKED;
void ab_link_say_subscribe(ab_link *link, ab_verb verb, ab_slice name) AB_LOCKED;
void ab_link_say_ping(ab_link *link, uint64_t id) AB_LOCKED;
/** What the channels say; `is_weighed`: there was room for it. */
void ab_link_say_messages(ab_link *link, const ab_buffer *messages, bool is_weighed) AB_LOCKED;
/** Messages of the channels, as ab_stream_pour() takes them. */
unsigned ab_link_pour(ab_link *link, struct iovec *halves, unsigned messages) AB_LOCKED;
/** How many bytes may be said beside those that wait; SIZE_MAX while nothing waits. */
size_t ab_link_room(const ab_link *link);
/** Everything that was said has left. */
void ab_link_eased(ab_link *link) AB_LOCKED;
/** What was appended to `out` since it had this length is answers and whatever else the other side makes us say,
 *  subscriptions, the ends of channels: nobody weighed it before. None of it may be left out, so who does not read it
 *  loses the link. */
void ab_link_said_aside(ab_link *link, size_t before) AB_LOCKED;
/** What was said while we heard leaves now. */
void ab_link_flush(ab_link *link) AB_LOCKED;

/* link_lines.c */

/** How a failed call is told of: those codes that callers know, or REMOTE. */
autobus_result ab_link_code(const ab_link *link, autobus_result code, ab_slice text);
/** It speaks something else. */
void ab_link_end_as_garbage(ab_link *link, const char *what) AB_LOCKED;
/** Everything in `in` that is complete. */
void ab_link_hear(ab_link *link, ab_buffer *in) AB_LOCKED;
/** The stream is over: the last line may lack its end. */
void ab_link_hear_rest(ab_link *link) AB_LOCKED;

/* link_frames.c */

/** Hears one message. False: there is none yet, or nobody hears any more. */
bool ab_link_hear_frame(ab_link *link) AB_LOCKED;

#endif
