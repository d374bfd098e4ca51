/* SPDX-License-Identifier: MIT
 * The queue of a session. What is queued as bytes is freed when the stream has taken it; what belongs to others is
 * only taken out. */
#include "peer/outbox.h"

#include <stdlib.h>

#include "base/error.h"
#include "wire/frames.h"

/* Messages of its own are queued in pieces of about so many bytes. */
#define PIECE 65536

/* More than will ever be said; and no sum of it and what is granted is too large. */
#define ENDLESS (INT64_C(1) << 61)

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

/* Nobody asked for it: a message shared with others, or somebody's slot. */
static bool is_news(ab_list *place)
{
    const outbox_line *line = line_at(place);
    return line == NULL || line->shared != NULL;
}

void ab_outbox_init(ab_outbox *outbox, ab_outlet *outlet, uint16_t session)
{
    *outbox = (ab_outbox){.credit = ENDLESS, .outlet = outlet, .session = session};
    ab_list_init(&outbox->queue);
    ab_list_init(&outbox->turn);
}

void ab_outbox_clear(ab_outbox *outbox)
{
    for (ab_list *first; (first = ab_list_take_first(&outbox->queue)) != NULL;) {
        outbox_line *line = line_at(first);
        if (line != NULL)
            free_line(outbox, line);
    }
    ab_list_remove(&outbox->turn);
}

bool ab_outbox_is_idle(const ab_outbox *outbox)
{
    return ab_list_is_empty(&outbox->queue) && ab_stream_pending(outbox->outlet->stream) == 0;
}

size_t ab_outbox_waiting(const ab_outbox *outbox)
{
    return outbox->queued + ab_stream_pending(outbox->outlet->stream);
}

bool ab_outbox_may_go(const ab_outbox *outbox)
{
    return !ab_list_is_empty(&outbox->queue) &&
           (outbox->credit > 0 || !is_news(outbox->queue.next));
}

static outbox_line *queue_line(ab_outbox *outbox)
{
    outbox_line *line = ab_alloc(1, sizeof *line);
    ab_slot_init(&line->slot, write_line);
    ab_buffer_init(&line->own);
    ab_list_append(&outbox->queue, &line->slot.place);
    return line;
}

static void queue_own(ab_outbox *outbox, const char *messages, size_t length) AB_LOCKED
{
    outbox_line *last = ab_list_is_empty(&outbox->queue) ? NULL : line_at(outbox->queue.prev);
    if (last != NULL && last->shared == NULL && ab_buffer_length(&last->own) < PIECE) {
        ab_buffer_append(&last->own, messages, length);
        outbox->queued += length;
    } else {
        last = queue_line(outbox);
        ab_buffer_append(&last->own, messages, length);
        outbox->queued += cost_of(last);
    }
    ab_outlet_line_up(outbox->outlet, outbox);
}

void ab_outbox_say(ab_outbox *outbox, char *messages, size_t length, bool is_urgent)
{
    if (outbox->session != 0)
        ab_frames_name_session(messages, length, outbox->session);
    if (!ab_outbox_is_idle(outbox))
        queue_own(outbox, messages, length);
    else if (is_urgent)
        ab_stream_write(outbox->outlet->stream, messages, length);
    else
        ab_stream_write_soon(outbox->outlet->stream, messages, length, NULL);
}

/* The message is for others too, who have other numbers. */
static void write_named(const ab_outbox *outbox, ab_circular *circular) AB_LOCKED
{
    char *bytes = ab_buffer_bytes(&circular->message);
    size_t length = ab_buffer_length(&circular->message);
    ab_frame_name_session(bytes, length, outbox->session);
    ab_stream_write_soon(outbox->outlet->stream, bytes, length, &circular->said_at);
    ab_frame_name_session(bytes, length, 0);
}

static AB_NOINLINE void queue_shared(ab_outbox *outbox, ab_circular *circular) AB_LOCKED
{
    const ab_buffer *message = &circular->message;
    if (circular->kept == NULL)
        circular->kept = ab_text_new(ab_buffer_bytes(message), ab_buffer_length(message));
    outbox_line *last = queue_line(outbox);
    last->shared = ab_text_ref(circular->kept);
    outbox->queued += cost_of(last);
    ab_outlet_line_up(outbox->outlet, outbox);
}

void ab_outbox_share(ab_outbox *outbox, ab_circular *circular)
{
    const ab_buffer *message = &circular->message;
    if (outbox->credit <= 0 || !ab_outbox_is_idle(outbox)) {
        queue_shared(outbox, circular);
        return;
    }
    ab_outbox_pay(outbox, ab_buffer_length(message));
    if (outbox->session != 0)
        write_named(outbox, circular);
    else
        ab_stream_write_soon(outbox->outlet->stream, ab_buffer_bytes(message),
                             ab_buffer_length(message), &circular->said_at);
}

void ab_outbox_touch(ab_outbox *outbox, ab_slot *slot)
{
    if (!ab_list_is_empty(&slot->place))
        return;
    ab_list_append(&outbox->queue, &slot->place);
    ab_outlet_line_up(outbox->outlet, outbox);
}

void ab_outbox_grant(ab_outbox *outbox, uint64_t credit)
{
    if (!outbox->is_metered)
        outbox->credit = 0;
    outbox->is_metered = true;
    outbox->credit = AB_MIN(outbox->credit + (int64_t)credit, ENDLESS);
    ab_outlet_line_up(outbox->outlet, outbox);
}

static void take_first(ab_outbox *outbox, ab_buffer *out)
{
    ab_list *first = outbox->queue.next;
    ab_slot *slot = AB_CONTAINER(first, ab_slot, place);
    size_t before = ab_buffer_length(out);
    bool costs = is_news(first);
    ab_list_remove(first);
    slot->write(slot, out);
    if (costs)
        ab_outbox_pay(outbox, ab_buffer_length(out) - before);
    outbox_line *line = line_at(first);
    if (line != NULL)
        free_line(outbox, line);
}

static void name_from(const ab_outbox *outbox, ab_buffer *out, size_t start)
{
    if (outbox->session != 0 && ab_buffer_length(out) > start)
        ab_frames_name_session(ab_buffer_bytes(out) + start, ab_buffer_length(out) - start,
                               outbox->session);
}

void ab_outbox_take(ab_outbox *outbox, ab_buffer *out, size_t most)
{
    size_t start = ab_buffer_length(out);
    while (ab_outbox_may_go(outbox) && ab_buffer_length(out) - start < most)
        take_first(outbox, out);
    name_from(outbox, out, start);
}

/* What it has no credit for is not said at all. */
static void skip_first(ab_outbox *outbox)
{
    outbox_line *line = line_at(ab_list_take_first(&outbox->queue));
    if (line != NULL)
        free_line(outbox, line);
}

void ab_outbox_finish(ab_outbox *outbox, size_t most)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer piece;
    ab_buffer_init(&piece);
    while (!ab_list_is_empty(&outbox->queue) && ab_buffer_length(&piece) < most) {
        if (ab_outbox_may_go(outbox))
            take_first(outbox, &piece);
        else
            skip_first(outbox);
    }
    name_from(outbox, &piece, 0);
    if (ab_buffer_length(&piece) > 0)
        ab_stream_write_soon(outbox->outlet->stream, ab_buffer_bytes(&piece),
                             ab_buffer_length(&piece), NULL);
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
