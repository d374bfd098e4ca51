/* SPDX-License-Identifier: MIT
 * What a connection still has to say, in order: lines of its own, lines that it shares with others, and slots,
 * of which only the state of the moment is said. While the other side reads, nothing waits here; else the stream
 * is handed a piece at a time, so that a slot stays what it is until its turn comes. Knows no limit and no
 * message. With the lock, any thread. */
#ifndef AB_PEER_OUTBOX_H
#define AB_PEER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "peer/peer.h"

typedef struct ab_outbox {
    ab_list queue; /**< of ab_slot.place: a line is a slot of its own kind */
    size_t queued; /**< what the lines in it cost */
    ab_stream *stream;
} ab_outbox;

void ab_outbox_init(ab_outbox *outbox, ab_stream *stream);
/** Drops the lines. Slots are taken out and stay their owners'. */
void ab_outbox_clear(ab_outbox *outbox);

/** True if what is said now goes to the stream at once. */
bool ab_outbox_is_idle(const ab_outbox *outbox);
/** What waits here and in the stream, in bytes. A slot in the queue weighs nothing. */
size_t ab_outbox_waiting(const ab_outbox *outbox);

/** Whole messages, copied. */
void ab_outbox_say(ab_outbox *outbox, const char *messages, size_t length, bool is_urgent)
    AB_LOCKED;
/** A message shared with others. */
void ab_outbox_share(ab_outbox *outbox, ab_circular *circular) AB_LOCKED;
/** Puts the slot at the end, unless it already waits for its turn. */
void ab_outbox_touch(ab_outbox *outbox, ab_slot *slot) AB_LOCKED;

/** The stream has sent what it was given: hands it the next piece. True: it took that one whole, and there is
 *  more; call it again soon. */
bool ab_outbox_go_on(ab_outbox *outbox) AB_LOCKED;
/** Hands the stream what waits, for this was the last: everything, unless that is more than `most` bytes. */
void ab_outbox_finish(ab_outbox *outbox, size_t most) AB_LOCKED;

#endif
