/* SPDX-License-Identifier: MIT
 * A link from the inside, for the files that make it: link.c has its life, link_calls.c its calls and what else it
 * says. What it hears comes by its trunk. */
#ifndef AB_PEER_LINK_STATE_H
#define AB_PEER_LINK_STATE_H

#include "peer/calls.h"
#include "peer/trunk.h"

typedef enum ab_link_stage {
    AB_LINK_CONNECTING, /**< or waiting for a trunk to open */
    AB_LINK_BINDING,    /**< has asked, on a trunk that is open */
    AB_LINK_BOUND,
    AB_LINK_ENDED
} ab_link_stage;

struct ab_link {
    ab_list place;   /**< in its trunk's */
    ab_trunk *trunk; /**< NULL: it has ended */
    ab_loop *loop;
    ab_link_road road;
    ab_link_limits limits;
    const ab_link_ops *ops;
    void *owner;
    ab_channels *channels;
    ab_timer deadline; /**< of connecting and binding */
    ab_timer patience; /**< with a trunk that was there before */
    ab_calls calls;    /**< under way */
    char *service;     /**< to be bound; NULL: introspection, or it is bound */
    size_t owed;       /**< bytes of news heard, for which it was not granted more */
    size_t said;       /**< bytes of calls and channels, since nothing waited on the trunk */
    uint64_t era;      /**< of the trunk, in which they were said */
    uint16_t session;  /**< its number on the trunk */
    ab_link_stage stage;
    unsigned calls_above; /**< of the loop, on the stack; the last one frees a closed link */
    bool is_autobus, is_near;
    bool is_paused;
    bool is_metered;   /**< news are said to it as far as it grants: a pause is its own */
    bool is_blocking;  /**< the trunk is paused for it */
    bool is_waiting;   /**< has begun to wait on a trunk that others share */
    bool is_alone;     /**< shares no trunk: the other side does not know how, or is slow */
    bool is_dismissed; /**< the other side has ended it */
    bool is_closed;
};

/* link.c */

/** Of one that is closed, when nothing of it is on the stack: ab_link_leave() calls it. */
void ab_link_free(ab_link *link);
/** Something above or below may end it meanwhile; it stays in memory until the same number of times it is left. */
static inline void ab_link_enter(ab_link *link)
{
    link->calls_above++;
}
static inline void ab_link_leave(ab_link *link)
{
    if (--link->calls_above == 0 && link->is_closed)
        ab_link_free(link);
}
/** The trunk is open: it asks for its service. */
void ab_link_bind(ab_link *link) AB_LOCKED;
/** The trunk has no room for it: it boards another. */
void ab_link_board_another(ab_link *link) AB_LOCKED;
/** The other side knows of no other services on a connection: it dials for itself. */
void ab_link_go_alone(ab_link *link) AB_LOCKED;
/** The other side answered the bind. */
void ab_link_become_bound(ab_link *link) AB_LOCKED;
/** The other side has ended it, or refused it, with this sentence. */
void ab_link_dismiss(ab_link *link, ab_slice text) AB_LOCKED;
/** Completes its calls and closes its channels: its trunk is over. */
void ab_link_give_up(ab_link *link, autobus_result why, const char *sentence) AB_LOCKED;
/** The trunk that it was on is over, and was `open` once. Who only meant to share it may try by itself. */
void ab_link_lose_trunk(ab_link *link, bool was_open, autobus_result why, const char *sentence)
    AB_LOCKED;
/** "127.0.0.1:80", in a buffer of the thread's own. */
const char *ab_link_place(const ab_link *link);

/* link_calls.c */

/** Completes the call with this id, if there is one. */
bool ab_link_complete(ab_link *link, uint64_t id, autobus_result result, ab_slice value,
                      ab_slice error) AB_LOCKED;
/** All of them fail, in the order they were made. */
void ab_link_complete_all(ab_link *link, const char *sentence) AB_LOCKED;
/** News that may be on their way to us: as much as may wait here for the program. */
static inline size_t ab_link_credit(const ab_link *link)
{
    return link->limits.max_queued;
}
/** Grants what it owes, or pauses its trunk, as the program keeps up. */
void ab_link_settle(ab_link *link) AB_LOCKED;
/** So many bytes of news were heard. */
static inline AB_LOCKED void ab_link_count_news(ab_link *link, size_t bytes)
{
    if (!link->is_metered || link->stage != AB_LINK_BOUND)
        return;
    link->owed += bytes;
    if (link->owed >= ab_link_credit(link) / 2)
        ab_link_settle(link);
}
/** The first one that shares its trunk has all links on it metered from then on. */
void ab_link_say_bind(ab_link *link) AB_LOCKED;
/** What it hears and is to say of channels. */
void ab_link_open_channels(ab_link *link) AB_LOCKED;

#endif
