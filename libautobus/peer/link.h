/* SPDX-License-Identifier: MIT
 * A link: our conversation with one service of another bus, which we dialled. It binds, carries calls and
 * subscriptions, notices death, and dies once. It never reconnects: that is for those above. Its connection may carry
 * other links to the same bus too, of which it takes no notice.
 *
 * Values are JSON text; how they travel is the link's own affair: in lines, or in frames. Made and closed on the bus
 * thread; everything else from any thread; all with the lock. */
#ifndef AB_PEER_LINK_H
#define AB_PEER_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#include "base/address.h"
#include "base/list.h"
#include "base/text.h"
#include "loop/loop.h"
#include "peer/reader.h"
#include "value/scan.h"

typedef struct ab_link ab_link;
typedef struct ab_channels ab_channels;

/** A call under way; embedded in its owner. */
typedef struct ab_call ab_call;
struct ab_call {
    uint64_t id;   /**< on its connection; the link's to set */
    ab_call *next; /**< in calls.c's table */
    bool
        is_urgent; /**< somebody sleeps until the answer comes; else it may leave together with others */
    /** On any thread. Exactly once, unless ab_link_forget() came first; the link does not know the call any more.
     *  AUTOBUS_OK: `value` is the result. Else `error` is a sentence: REMOTE, NOT_FOUND (no such function), INVALID
     *  (the arguments), BUSY, DENIED, TOO_LARGE as the other side says; CLOSED: the link died. */
    void (*done)(ab_call *call, autobus_result result, ab_slice value, ab_slice error);
};

/** bound and ended on the bus thread; in them the link may be closed. The others on any: a thread that waits for an
 *  answer reads the connection itself. There the link may not be closed. Names are as they read, without escapes. */
typedef struct ab_link_ops {
    void (*bound)(void *owner);
    /** It is dead; calls have completed. The last op; ab_link_close() is still the owner's to make. NOT_FOUND: the
     *  bind was refused; FAILED: nothing accepts there; TIMEOUT; INCOMPATIBLE; CLOSED: it was there, and is not. */
    void (*ended)(void *owner, autobus_result why, const char *sentence);
    /** kind NONE: gone. */
    void (*changed)(void *owner, ab_slice name, ab_value value);
    void (*fired)(void *owner, ab_slice name, ab_slice arguments);
    void (*responsive)(void *owner, bool is_responsive);
} ab_link_ops;

typedef struct ab_link_limits {
    ab_time connect;      /**< for connecting and binding */
    ab_time unresponsive; /**< silence until it is told */
    ab_time silence;      /**< silence until it is dead */
    size_t max_message, max_queued, max_calls, max_channels, window;
    bool has_frames; /**< offers them */
} ab_link_limits;

/** How to get there. */
typedef struct ab_link_road {
    ab_address at;
    /** The bus may be of this machine and this user: over its unix socket in `folder`, if that can be had and `bus`
     *  answers there; else by TCP, and nobody notices. `folder` NULL or `bus` 0: by TCP. */
    const char *folder;
    uint64_t bus;
    /** Connections that the links with this list may share, where the other side knows how; as long as one of them
     *  lives, at the same place. NULL: it has one for itself. */
    ab_list *shared;
} ab_link_road;

/** `service` NULL: introspection. Success or failure comes by ops, never from inside. By TCP. */
ab_link *ab_link_dial(ab_loop *loop, const ab_address *at, const char *service,
                      const ab_link_limits *limits, const ab_link_ops *ops, void *owner) AB_LOCKED;
ab_link *ab_link_dial_by(ab_loop *loop, const ab_link_road *road, const char *service,
                         const ab_link_limits *limits, const ab_link_ops *ops, void *owner)
    AB_LOCKED;
/** Ends and frees it; `ended` is not called. Calls still under way complete as CLOSED with this sentence. What was
 *  sent before still leaves. NULL is fine. */
void ab_link_close(ab_link *link, const char *sentence) AB_LOCKED;

bool ab_link_is_bound(const ab_link *link);
/** True if it goes over a unix socket. It stays where it was bound. */
bool ab_link_is_near(const ab_link *link);
/** True if the other side is libautobus, and so knows channels and pings. */
bool ab_link_is_autobus(const ab_link *link);

/** Calls. `call` NULL: wants no answer. `arguments` is the text of a list. BUSY: too many calls or bytes are waiting;
 *  TOO_LARGE; CLOSED: it is not bound; then nothing was sent and `done` will not come. */
autobus_result ab_link_call(ab_link *link, ab_call *call, ab_slice name, ab_slice arguments)
    AB_LOCKED;
/** It will not complete; a late answer is dropped. */
void ab_link_forget(ab_link *link, ab_call *call) AB_LOCKED;

/** Who reads its connection, for threads that wait for the answer to a call. NULL: it is not bound. */
ab_reader *ab_link_reader(ab_link *link) AB_LOCKED;

/** Begins or ends watching an object, listening to an event; each name once at a time. Nothing happens unless it is
 *  bound. */
void ab_link_watch(ab_link *link, ab_slice name, bool is_on) AB_LOCKED;
void ab_link_listen(ab_link *link, ab_slice name, bool is_on) AB_LOCKED;

/** Hears no more news while the program is too slow, those on their way excepted; pings go on, so that the other side
 *  knows us alive, and so do other links of the same connection. Nothing happens unless it is bound. */
void ab_link_pause(ab_link *link, bool is_paused) AB_LOCKED;
/** There is reason to doubt that the other side is still there: asks for a sign of life at once. */
void ab_link_doubt(ab_link *link) AB_LOCKED;
/** The channels of this link, while it is bound; else NULL. */
ab_channels *ab_link_channels(ab_link *link);

#endif
