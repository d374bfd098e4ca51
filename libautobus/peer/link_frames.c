/* SPDX-License-Identifier: MIT
 * What a link hears in frames. The other side is one of us: what it should not have said ends the link. */
#include <stdlib.h>

#include "base/error.h"
#include "peer/channel.h"
#include "peer/finite.h"
#include "peer/link_state.h"
#include "wire/frames.h"

/* A number that was given may be that of a call that nobody waits for any more. */
static const char *check_answer(const ab_link *link, const ab_frame *frame)
{
    return frame->id == 0 || frame->id > link->last_id ? "an answer to what was never asked" : NULL;
}

/* Compact text has no token that is no JSON. */
static ab_slice finite_value(ab_link *link, const ab_frame *frame)
{
    ab_slice text = frame->value.text;
    return frame->is_compact ? text : ab_finite(text, &link->room);
}

static const char *hear_result(ab_link *link, const ab_frame *frame) AB_LOCKED
{
    const char *mistake = check_answer(link, frame);
    if (mistake == NULL)
        (void)ab_link_complete(link, frame->id, AUTOBUS_OK, finite_value(link, frame),
                               (ab_slice){0});
    return mistake;
}

static const char *hear_error(ab_link *link, const ab_frame *frame) AB_LOCKED
{
    const char *mistake = check_answer(link, frame);
    ab_slice text = frame->text;
    if (text.length == 0)
        text = AB_SLICE("the function failed, and said no more about it");
    if (mistake == NULL)
        (void)ab_link_complete(link, frame->id, ab_link_code(link, frame->code, text),
                               (ab_slice){0}, text);
    return mistake;
}

static void hear_changed(ab_link *link, const ab_frame *frame) AB_LOCKED
{
    ab_value value = frame->value;
    value.text = finite_value(link, frame);
    /* NaN was a number, and is a null now. */
    if (value.kind == AB_KIND_NUMBER && value.text.bytes[0] == 'n')
        value.kind = AB_KIND_NULL;
    link->ops->changed(link->owner, frame->name, value);
}

static void hear_unbound(ab_link *link, const ab_frame *frame)
{
    free(link->reason);
    link->reason = ab_strndup(frame->text.bytes, frame->text.length);
}

static void answer_ping(ab_link *link, const ab_frame *frame) AB_LOCKED
{
    size_t before = ab_buffer_length(&link->out);
    link->codec->response(&link->out, (ab_value){AB_KIND_NUMBER, frame->id_bytes}, NULL,
                          (ab_slice){0});
    ab_link_said_aside(link, before);
}

/* What was wrong with it; NULL: nothing. */
static const char *hear(ab_link *link, const ab_frame *frame) AB_LOCKED
{
    switch (frame->kind) {
    case AB_FRAME_RESULT: return hear_result(link, frame);
    case AB_FRAME_ERROR: return hear_error(link, frame);
    case AB_FRAME_CHANGED: hear_changed(link, frame); break;
    case AB_FRAME_GONE: link->ops->changed(link->owner, frame->name, (ab_value){0}); break;
    case AB_FRAME_FIRED:
        link->ops->fired(link->owner, frame->name, finite_value(link, frame));
        break;
    case AB_FRAME_UNBOUND: hear_unbound(link, frame); break;
    case AB_FRAME_PING: answer_ping(link, frame); break;
    case AB_FRAME_PONG: break;
    case AB_FRAME_OPENED:
    case AB_FRAME_DATA:
    case AB_FRAME_BLOB:
    case AB_FRAME_CREDIT:
    case AB_FRAME_END:
    case AB_FRAME_CLOSE:
        if (!ab_channels_hear_frame(link->channels, frame))
            return "a frame that its channel cannot have";
        break;
    default: return "a frame that only a client sends";
    }
    return NULL;
}

/* What lies there cannot be read a second time. */
static bool end(ab_link *link, const char *mistake) AB_LOCKED
{
    link->mistake = mistake;
    ab_link_end_as_garbage(link, mistake);
    return false;
}

bool ab_link_hear_frame(ab_link *link)
{
    ab_frame frame;
    size_t taken;
    const char *mistake;
    if (link->mistake != NULL)
        return end(link, link->mistake);
    switch (ab_frame_next(ab_buffer_bytes(link->in), ab_buffer_length(link->in),
                          link->limits.max_message, &frame, &taken, &mistake)) {
    case AB_FRAME_PART: return false;
    case AB_FRAME_WRONG: return end(link, mistake);
    case AB_FRAME_READY: break;
    }
    ab_buffer_consume(&link->room, ab_buffer_length(&link->room));
    mistake = hear(link, &frame);
    if (mistake != NULL)
        return end(link, mistake);
    ab_buffer_consume(link->in, taken);
    return true;
}
