/* SPDX-License-Identifier: MIT
 * What a session still has to say, in order: messages of its own, messages that it shares with others, and slots, of
 * which only the state of the moment is said. The two last are news, and cost credit where it was given any: without it
 * they stay, and so does what is behind them. While the other side reads, nothing waits here. Knows no limit and no
 * message. With the lock, any thread. */
#ifndef AB_PEER_OUTBOX_H
#define AB_PEER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "peer/outlet.h"
#include "peer/peer.h"

struct ab_outbox {
    ab_list queue;  /**< of ab_slot.place: a message is a slot of its own kind */
    size_t queued;  /**< what the messages in it cost */
    int64_t credit; /**< bytes of news that may be said; a debt below 0 */
    ab_outlet *outlet;
    ab_list turn;     /**< of ab_outlet.waiting */
    uint16_t session; /**< whose messages they are; of 0 they are as they were written */
    bool is_metered;  /**< has credit of its own; else there is no end of it */
    bool is_ahead;    /**< of all others, when it is their turn */
};

void ab_outbox_init(ab_outbox *outbox, ab_outlet *outlet, uint16_t session);
/** Drops the messages. Slots are taken out and stay their owners'. */
void ab_outbox_clear(ab_outbox *outbox);

/** True if what is said now goes to the stream at once. */
bool ab_outbox_is_idle(const ab_outbox *outbox);
/** What waits here and in the stream, in bytes. A slot in the queue weighs nothing. */
size_t ab_outbox_waiting(const ab_outbox *outbox);
/** True if the first in its queue is to be said now, or as soon as others have had their turn. */
bool ab_outbox_may_go(const ab_outbox *outbox);

/** Whole messages, copied; in place they get the number of the session. */
void ab_outbox_say(ab_outbox *outbox, char *messages, size_t length, bool is_urgent) AB_LOCKED;
/** A message shared with others. */
void ab_outbox_share(ab_outbox *outbox, ab_circular *circular) AB_LOCKED;
/** Puts the slot at the end, unless it already waits for its turn. */
void ab_outbox_touch(ab_outbox *outbox, ab_slot *slot) AB_LOCKED;
/** For so many bytes more of news; the first time it is all that there is. */
void ab_outbox_grant(ab_outbox *outbox, uint64_t credit) AB_LOCKED;
/** News of so many bytes went another way. */
static inline void ab_outbox_pay(ab_outbox *outbox, size_t length)
{
    outbox->credit -= (int64_t)length;
}

/** Writes what may go to `out`, message by message, until there are `most` bytes. */
void ab_outbox_take(ab_outbox *outbox, ab_buffer *out, size_t most) AB_LOCKED;
/** Leaves nothing waiting: hands the stream everything, unless that is more than `most` bytes, and but for news without
 *  credit. */
void ab_outbox_finish(ab_outbox *outbox, size_t most) AB_LOCKED;

#endif
