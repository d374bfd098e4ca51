/* SPDX-License-Identifier: MIT
 * A channel from the inside, for the files that make it: channel.c has what the program does with it, channel_pour.c
 * how its bytes leave, channel_table.c what the other side says. */
#ifndef AB_PEER_CHANNEL_STATE_H
#define AB_PEER_CHANNEL_STATE_H

#include <stdint.h>

#include "base/map.h"
#include "peer/channel.h"

typedef enum ab_channel_stage {
    AB_STAGE_OPENING, /**< we have asked */
    AB_STAGE_OFFERED, /**< we are asked; the program has not accepted it yet */
    AB_STAGE_OPEN
} ab_channel_stage;

struct autobus_channel {
    ab_seat *seat;
    ab_text *name, *argument;
    ab_text *service; /**< NULL: messages have no tag */
    uint64_t id;
    bool is_stream;

    unsigned references AB_UNDER_LOCK;   /**< the holder's, the offering's, the table's */
    ab_channels *channels AB_UNDER_LOCK; /**< NULL: it is over */
    ab_hearer *hearer AB_UNDER_LOCK;     /**< NULL: not accepted yet, or everything is told */
    ab_budget *budget AB_UNDER_LOCK;     /**< with the hearer; every notice is counted in it */
    ab_channel_stage stage AB_UNDER_LOCK;
    int64_t credit AB_UNDER_LOCK;       /**< what we may still send; a debt below 0 */
    int64_t granted AB_UNDER_LOCK;      /**< what the other side may still send */
    int64_t owed AB_UNDER_LOCK;         /**< handled, and not yet given back */
    size_t window AB_UNDER_LOCK;        /**< what may be under way to us, and unhandled */
    ab_time credited_at AB_UNDER_LOCK;  /**< when we gave credit last */
    bool wants_writable AB_UNDER_LOCK;  /**< was refused as busy */
    bool has_ended AB_UNDER_LOCK;       /**< a stream: we send no more */
    bool has_other_ended AB_UNDER_LOCK; /**< nor does the other side */
};

struct ab_channels {
    const ab_codec *codec;
    const ab_channels_ops *ops;
    void *owner;
    ab_seat *seat; /**< of those offered; not counted: the connection does not outlive it */
    ab_map open;   /**< autobus_channel by id; a reference each */
    size_t max_channels, window, max_message;
    size_t extra;     /**< of all windows, beyond what they began with */
    uint64_t last_id; /**< the largest used */
    unsigned hearing; /**< of ab_channels_hear(), on the stack: the last one frees what is over */
    bool is_over;
    bool has_mistake; /**< of the other side, for which a channel was closed */
    bool wants_room;  /**< somebody was refused, or not told WRITABLE, for want of room alone */
};

/** What a message of so many bytes costs. */
int64_t ab_channel_cost(size_t length);
/** Writes as many bytes to a stream as there is credit for and the connection takes at once, and no more than one
 *  message may have; how many. The connection may end in it. */
size_t ab_channel_pour(autobus_channel *channel, const char *bytes, size_t length) AB_LOCKED;
/** A channel in the table, with one reference beside the table's: the caller's. */
autobus_channel *ab_channel_make(ab_channels *channels, ab_seat *seat, uint64_t id, ab_slice name,
                                 bool is_stream, ab_slice argument) AB_LOCKED;
void ab_channel_unref(autobus_channel *channel) AB_LOCKED;
/** Tells the program, if it listens. The body's reference is taken; error may be NULL. */
void ab_channel_tell(autobus_channel *channel, autobus_kind kind, ab_text *body, int64_t cost)
    AB_LOCKED;
/** It is over: leaves the table, and CLOSED_NOW is told. Says nothing to the other side. */
void ab_channel_over(autobus_channel *channel, autobus_result why, const char *sentence) AB_LOCKED;
/** The same, and the other side hears it too. */
void ab_channel_cut(autobus_channel *channel, autobus_result why, const char *sentence) AB_LOCKED;
/** Something to send to the other side. The table may be gone after it. */
void ab_channels_say(ab_channels *channels, const ab_buffer *messages) AB_LOCKED;
/** The same, for what ab_channels_room() had place for. */
void ab_channels_put(ab_channels *channels, const ab_buffer *messages) AB_LOCKED;
size_t ab_channels_room(const ab_channels *channels) AB_LOCKED;
/** More credit: whoever waits for it is told. */
void ab_channel_credit(autobus_channel *channel, uint64_t more) AB_LOCKED;
/** Tells WRITABLE to who waits for it, if there are credit and room. */
void ab_channel_ease(autobus_channel *channel) AB_LOCKED;

#endif
