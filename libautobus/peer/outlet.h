/* SPDX-License-Identifier: MIT
 * Where the queues of a connection leave by one stream, in turn. The stream is handed a piece at a time, so that a
 * slot stays what it is until its turn comes. With the lock, any thread. */
#ifndef AB_PEER_OUTLET_H
#define AB_PEER_OUTLET_H

#include <stddef.h>

#include "base/list.h"
#include "loop/loop.h"
#include "net/stream.h"

typedef struct ab_outbox ab_outbox;

typedef struct ab_outlet {
    ab_stream *stream;
    ab_list waiting; /**< of ab_outbox.turn: those with something that may go */
    ab_loop *loop;
    ab_task *more; /**< its owner's, which calls ab_outlet_go_on() */
} ab_outlet;

void ab_outlet_init(ab_outlet *outlet, ab_stream *stream, ab_loop *loop, ab_task *more);
/** What waits in the stream, and in the queues that are not out of credit, in bytes. */
size_t ab_outlet_waiting(const ab_outlet *outlet);
/** It has its turn after the others, if it has anything that may go; at once if the stream is idle. */
void ab_outlet_line_up(ab_outlet *outlet, ab_outbox *outbox) AB_LOCKED;
/** The stream has sent what it was given: hands it the next piece. */
void ab_outlet_go_on(ab_outlet *outlet) AB_LOCKED;

#endif
