/* SPDX-License-Identifier: MIT
 * A trunk: a connection that we dialled, and the links on it. In lines it carries one; in frames as many as the other
 * side takes, each a session with a number of its own, of which the first is 0. It dials, takes apart what comes and
 * gathers what leaves, notices death, and dies once. A trunk without links closes.
 *
 * For link.c, and the files that make it: trunk.c has its life, trunk_say.c what leaves, trunk_lines.c what comes in
 * lines of JSON, trunk_frames.c in frames. */
#ifndef AB_PEER_TRUNK_H
#define AB_PEER_TRUNK_H

#include "base/buffer.h"
#include "base/list.h"
#include "net/stream.h"
#include "peer/knock.h"
#include "peer/link.h"
#include "peer/pulse.h"
#include "wire/codec.h"

#define AB_TRUNK_NUMBERS 8191 /**< that are given on a trunk; who comes then finds another */

typedef enum ab_trunk_stage {
    AB_TRUNK_CONNECTING,
    AB_TRUNK_BINDING, /**< the first link has asked in lines */
    AB_TRUNK_OPEN,
    AB_TRUNK_ENDED
} ab_trunk_stage;

typedef struct ab_trunk ab_trunk;
struct ab_trunk {
    ab_list place; /**< among those that may be shared, while others may join */
    ab_loop *loop;
    ab_address at;
    ab_link_limits limits;
    const ab_codec *codec;
    ab_stream *stream;
    ab_reader *reader; /**< of the stream; NULL: no thread has waited yet */
    ab_pulse pulse;
    ab_knock knock;      /**< while there is doubt */
    ab_task overflow;    /**< the end of somebody who does not read */
    ab_list links;       /**< of ab_link.place */
    ab_link **by_number; /**< NULL where the session is over; without the first */
    size_t width;        /**< how many numbers have a place there */
    size_t further;      /**< links that have asked, beside the first */
    ab_link *first;      /**< session 0; NULL: no more */
    size_t most;         /**< links at once; 1: it is not shared */
    size_t calls;        /**< under way, of all links */
    uint64_t last_id;    /**< of calls and pings */
    uint64_t bus;        /**< who lives there, as far as it is known; else 0 */
    uint64_t near;       /**< the bus that has to answer on the unix socket; 0: this is TCP */
    char *reason;        /**< said by the other side for closing; NULL: none */
    const char *mistake; /**< of the other side, in frames; it ends of that. NULL: none */
    uint16_t last_session;
    ab_trunk_stage stage;
    unsigned pauses;      /**< links that want no more to be read */
    unsigned calls_above; /**< of the loop, on the stack; the last one frees what has ended */
    bool is_autobus;
    bool is_paused;
    bool is_misled; /**< the unix socket was not that of the bus: TCP will be */

    /* trunk_say.c's */
    ab_buffer out; /**< said while we hear; leaves in one piece */
    size_t
        aside; /**< bytes that were queued unasked (see ab_trunk_said_aside()) since nothing waited */
    uint64_t era; /**< how often nothing waited any more */
    bool is_hearing;
    bool is_tight; /**< somebody was told that something waits */

    /* trunk_lines.c's */
    ab_buffer *in;   /**< the stream's, since something came */
    ab_buffer room;  /**< for names and values that have to be written anew */
    size_t searched; /**< of `in`, for the end of a line */
};

/* trunk.c */

/** One of those that may be shared, which goes where the link wants to go, and is in good health; NULL. */
ab_trunk *ab_trunk_find(const ab_link *link) AB_LOCKED;
/** The number that the link will have there. */
void ab_trunk_give_number(ab_trunk *trunk, ab_link *link);
/** Whose session this is; NULL: nobody's, any more or yet. */
static inline ab_link *ab_trunk_link(const ab_trunk *trunk, uint16_t session)
{
    if (session == 0)
        return trunk->first;
    return session < trunk->width ? trunk->by_number[session] : NULL;
}
/** Another link on it; it asks as soon as the trunk is open. */
void ab_trunk_join(ab_trunk *trunk, ab_link *link) AB_LOCKED;
/** A new one, of which it is the first link. */
void ab_trunk_dial(ab_link *link) AB_LOCKED;
/** The link is on it no more. The last one closes it; `is_polite`: what was said still leaves. */
void ab_trunk_part(ab_link *link, bool is_polite) AB_LOCKED;
/** The other side answered the first bind. */
void ab_trunk_become_open(ab_trunk *trunk) AB_LOCKED;
/** It is over, and its links with it. On the bus thread; the sentence is copied. */
void ab_trunk_end(ab_trunk *trunk, autobus_result why, const char *sentence) AB_LOCKED;
/** Nobody joins it any more. */
void ab_trunk_keep_apart(ab_trunk *trunk);
/** One more link, or one fewer, wants no more to be read. */
void ab_trunk_pause(ab_trunk *trunk, bool is_more) AB_LOCKED;
void ab_trunk_doubt(ab_trunk *trunk) AB_LOCKED;
/** More calls are under way, or fewer. */
void ab_trunk_count_call(ab_trunk *trunk, bool is_more) AB_LOCKED;
ab_reader *ab_trunk_reader(ab_trunk *trunk) AB_LOCKED;
/** "127.0.0.1:80", in a buffer of the thread's own. */
const char *ab_trunk_place(const ab_trunk *trunk);

/* trunk_say.c */

void ab_trunk_say_bind(ab_trunk *trunk, const char *service) AB_LOCKED;
void ab_trunk_say_ping(ab_trunk *trunk, uint64_t id) AB_LOCKED;
/** What was appended to `out` was weighed, and leaves; while we hear, with what comes after it. */
void ab_trunk_said(ab_trunk *trunk, bool is_urgent) AB_LOCKED;
/** What was appended to `out` since it had this length is answers and whatever else the other side makes us say,
 *  subscriptions, the ends of channels: nobody weighed it before. None of it may be left out, so who does not read it
 *  loses the trunk. */
void ab_trunk_said_aside(ab_trunk *trunk, size_t before) AB_LOCKED;
/** Messages that need not be copied, for they were weighed and nothing stands before them. False: it does. */
bool ab_trunk_pass(ab_trunk *trunk, const ab_buffer *messages) AB_LOCKED;
/** Messages as ab_stream_pour() takes them. */
unsigned ab_trunk_pour(ab_trunk *trunk, struct iovec *halves, unsigned messages) AB_LOCKED;
/** Bytes that the other side has not taken. */
size_t ab_trunk_pending(const ab_trunk *trunk);
/** Everything that was said has left. */
void ab_trunk_eased(ab_trunk *trunk) AB_LOCKED;
/** What was said while we heard leaves now. */
void ab_trunk_flush(ab_trunk *trunk) AB_LOCKED;

/* trunk_lines.c */

/** How a failed call is told of: those codes that callers know, or REMOTE. */
autobus_result ab_trunk_code(const ab_trunk *trunk, autobus_result code, ab_slice text);
/** It speaks something else. */
void ab_trunk_end_as_garbage(ab_trunk *trunk, const char *what) AB_LOCKED;
/** Everything in `in` that is complete. */
void ab_trunk_hear(ab_trunk *trunk, ab_buffer *in) AB_LOCKED;
/** The stream is over: the last line may lack its end. */
void ab_trunk_hear_rest(ab_trunk *trunk) AB_LOCKED;

/* trunk_frames.c */

/** Hears one message. False: there is none yet, or nobody hears any more. */
bool ab_trunk_hear_frame(ab_trunk *trunk) AB_LOCKED;

#endif
