/* SPDX-License-Identifier: MIT
 * Who has the next turn. One that has more to say than fits into a turn goes to the end of the line. */
#include "peer/outlet.h"

#include "peer/outbox.h"

/* Bytes handed to the stream at a time, and of them those of one turn. */
#define PIECE 65536
#define TURN  16384

void ab_outlet_init(ab_outlet *outlet, ab_stream *stream, ab_loop *loop, ab_task *more)
{
    ab_list_init(&outlet->waiting);
    outlet->stream = stream;
    outlet->loop = loop;
    outlet->more = more;
}

size_t ab_outlet_waiting(const ab_outlet *outlet)
{
    size_t waiting = ab_stream_pending(outlet->stream);
    AB_LIST_FOR (each, &outlet->waiting)
        waiting += AB_CONTAINER(each, ab_outbox, turn)->queued;
    return waiting;
}

/* False: it has nothing that may go. */
static bool enter(ab_outlet *outlet, ab_outbox *outbox)
{
    if (!ab_outbox_may_go(outbox))
        return false;
    if (outbox->is_ahead)
        ab_list_prepend(&outlet->waiting, &outbox->turn);
    else
        ab_list_append(&outlet->waiting, &outbox->turn);
    return true;
}

void ab_outlet_line_up(ab_outlet *outlet, ab_outbox *outbox)
{
    if (ab_list_is_empty(&outbox->turn) && enter(outlet, outbox))
        ab_outlet_go_on(outlet);
}

static void hand_over(ab_outlet *outlet) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer piece;
    ab_buffer_init(&piece);
    while (!ab_list_is_empty(&outlet->waiting) && ab_buffer_length(&piece) < PIECE) {
        ab_outbox *outbox = AB_CONTAINER(outlet->waiting.next, ab_outbox, turn);
        ab_list_remove(&outbox->turn);
        ab_outbox_take(outbox, &piece, AB_MIN(TURN, PIECE - ab_buffer_length(&piece)));
        (void)enter(outlet, outbox);
    }
    if (ab_buffer_length(&piece) > 0)
        ab_stream_write_soon(outlet->stream, ab_buffer_bytes(&piece), ab_buffer_length(&piece),
                             NULL);
}

void ab_outlet_go_on(ab_outlet *outlet)
{
    if (ab_stream_pending(outlet->stream) == 0)
        hand_over(outlet);
    if (ab_stream_pending(outlet->stream) == 0 && !ab_list_is_empty(&outlet->waiting))
        ab_loop_post(outlet->loop, outlet->more);
}
