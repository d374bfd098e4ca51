/* SPDX-License-Identifier: MIT
 * The queue in front of a stream. What is queued as bytes is freed when the stream has taken it; what belongs to
 * others is only taken out. */
#include "peer/outbox.h"

#include <stdlib.h>

#include "base/error.h"

/* Bytes handed to the stream at a time. */
#define PIECE 65536

/* A line, or several, in the queue among the slots. */
typedef struct outbox_line {
    ab_slot slot;
    ab_text *shared; /* NULL: `own` it is */
    ab_buffer own;
} outbox_line;

static void write_line(ab_slot *slot, ab_buffer *out)
{
    outbox_line *line = AB_CONTAINER(slot, outbox_line, slot);
    if (line->shared != NULL)
        ab_buffer_append(out, line->shared->bytes, line->shared->length);
    else
        ab_buffer_append(out, ab_buffer_bytes(&line->own), ab_buffer_length(&line->own));
}

static size_t cost_of(const outbox_line *line)
{
    return sizeof *line +
           (line->shared != NULL ? line->shared->length : ab_buffer_length(&line->own));
}

/* The line that this element of the queue is; NULL: somebody's slot. */
static outbox_line *line_at(ab_list *place)
{
    ab_slot *slot = AB_CONTAINER(place, ab_slot, place);
    return slot->write == write_line ? AB_CONTAINER(slot, outbox_line, slot) : NULL;
}

static void free_line(ab_outbox *outbox, outbox_line *line)
{
    outbox->queued -= cost_of(line);
    ab_text_unref(line->shared);
    ab_buffer_fini(&line->own);
    free(line);
}

void ab_outbox_init(ab_outbox *outbox, ab_stream *stream)
{
    ab_list_init(&outbox->queue);
    outbox->queued = 0;
    outbox->stream = stream;
}

void ab_outbox_clear(ab_outbox *outbox)
{
    for (ab_list *first; (first = ab_list_take_first(&outbox->queue)) != NULL;) {
        outbox_line *line = line_at(first);
        if (line != NULL)
            free_line(outbox, line);
    }
}

bool ab_outbox_is_idle(const ab_outbox *outbox)
{
    return ab_list_is_empty(&outbox->queue) && ab_stream_pending(outbox->stream) == 0;
}

size_t ab_outbox_waiting(const ab_outbox *outbox)
{
    return outbox->queued + ab_stream_pending(outbox->stream);
}

static outbox_line *queue_line(ab_outbox *outbox)
{
    outbox_line *line = ab_alloc(1, sizeof *line);
    ab_slot_init(&line->slot, write_line);
    ab_buffer_init(&line->own);
    ab_list_append(&outbox->queue, &line->slot.place);
    return line;
}

void ab_outbox_say(ab_outbox *outbox, const char *messages, size_t length, bool is_urgent)
{
    if (ab_outbox_is_idle(outbox)) {
        if (is_urgent)
            ab_stream_write(outbox->stream, messages, length);
        else
            ab_stream_write_soon(outbox->stream, messages, length, NULL);
        return;
    }
    outbox_line *last = ab_list_is_empty(&outbox->queue) ? NULL : line_at(outbox->queue.prev);
    if (last != NULL && last->shared == NULL && ab_buffer_length(&last->own) < PIECE) {
        ab_buffer_append(&last->own, messages, length);
        outbox->queued += length;
        return;
    }
    last = queue_line(outbox);
    ab_buffer_append(&last->own, messages, length);
    outbox->queued += cost_of(last);
}

void ab_outbox_share(ab_outbox *outbox, ab_circular *circular)
{
    const char *bytes = ab_buffer_bytes(&circular->message);
    size_t length = ab_buffer_length(&circular->message);
    if (ab_outbox_is_idle(outbox)) {
        ab_stream_write_soon(outbox->stream, bytes, length, &circular->said_at);
        return;
    }
    if (circular->kept == NULL)
        circular->kept = ab_text_new(bytes, length);
    outbox_line *last = queue_line(outbox);
    last->shared = ab_text_ref(circular->kept);
    outbox->queued += cost_of(last);
}

static void take_first(ab_outbox *outbox, ab_buffer *out)
{
    ab_list *first = ab_list_take_first(&outbox->queue);
    ab_slot *slot = AB_CONTAINER(first, ab_slot, place);
    slot->write(slot, out);
    outbox_line *line = line_at(first);
    if (line != NULL)
        free_line(outbox, line);
}

void ab_outbox_touch(ab_outbox *outbox, ab_slot *slot)
{
    if (!ab_list_is_empty(&slot->place))
        return;
    bool is_idle = ab_outbox_is_idle(outbox);
    ab_list_append(&outbox->queue, &slot->place);
    if (is_idle)
        (void)ab_outbox_go_on(outbox);
}

static void hand_over(ab_outbox *outbox, size_t most) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer piece;
    ab_buffer_init(&piece);
    while (!ab_list_is_empty(&outbox->queue) && ab_buffer_length(&piece) < most)
        take_first(outbox, &piece);
    ab_stream_write_soon(outbox->stream, ab_buffer_bytes(&piece), ab_buffer_length(&piece), NULL);
}

bool ab_outbox_go_on(ab_outbox *outbox)
{
    if (ab_stream_pending(outbox->stream) == 0)
        hand_over(outbox, PIECE);
    return ab_stream_pending(outbox->stream) == 0 && !ab_list_is_empty(&outbox->queue);
}

void ab_outbox_finish(ab_outbox *outbox, size_t most)
{
    hand_over(outbox, most);
    ab_outbox_clear(outbox);
}

void ab_circular_init(ab_circular *circular)
{
    ab_buffer_init(&circular->message);
    circular->kept = NULL;
    circular->said_at = 0;
}

void ab_circular_clear(ab_circular *circular)
{
    ab_buffer_consume(&circular->message, ab_buffer_length(&circular->message));
    ab_text_unref(circular->kept);
    circular->kept = NULL;
    circular->said_at = 0;
}

void ab_circular_fini(ab_circular *circular)
{
    ab_circular_clear(circular);
    ab_buffer_fini(&circular->message);
}

void ab_slot_init(ab_slot *slot, void (*write)(ab_slot *slot, ab_buffer *out))
{
    ab_list_init(&slot->place);
    slot->write = write;
}

void ab_slot_forget(ab_slot *slot)
{
    ab_list_remove(&slot->place);
}
