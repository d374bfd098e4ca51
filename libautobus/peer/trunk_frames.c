/* SPDX-License-Identifier: MIT
 * What comes by a trunk in frames, each for the link whose session it names. The other side is one of us: what it
 * should not have said ends the trunk. */
#include <stdlib.h>

#include "base/error.h"
#include "peer/channel.h"
#include "peer/finite.h"
#include "peer/link_state.h"
#include "wire/frames.h"

/* A number that was given may be that of a call that nobody waits for any more. */
static const char *check_answer(const ab_link *link, const ab_frame *frame)
{
    return frame->id == 0 || frame->id > link->trunk->last_id ? "an answer to what was never asked"
                                                              : NULL;
}

/* Compact text has no token that is no JSON. */
static ab_slice finite_value(ab_link *link, const ab_frame *frame)
{
    ab_slice text = frame->value.text;
    return frame->is_compact ? text : ab_finite(text, &link->trunk->room);
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
        (void)ab_link_complete(link, frame->id, ab_trunk_code(link->trunk, frame->code, text),
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

/* What was wrong with it; NULL: nothing. */
static const char *hear_news(ab_link *link, const ab_frame *frame, size_t length) AB_LOCKED
{
    if (frame->kind == AB_FRAME_CHANGED)
        hear_changed(link, frame);
    else if (frame->kind == AB_FRAME_GONE)
        link->ops->changed(link->owner, frame->name, (ab_value){0});
    else
        link->ops->fired(link->owner, frame->name, finite_value(link, frame));
    ab_link_count_news(link, length);
    return NULL;
}

static const char *hear_as_bound(ab_link *link, const ab_frame *frame, size_t length) AB_LOCKED
{
    switch (frame->kind) {
    case AB_FRAME_RESULT: return hear_result(link, frame);
    case AB_FRAME_ERROR: return hear_error(link, frame);
    case AB_FRAME_CHANGED:
    case AB_FRAME_GONE:
    case AB_FRAME_FIRED: return hear_news(link, frame, length);
    case AB_FRAME_OPENED:
    case AB_FRAME_DATA:
    case AB_FRAME_BLOB:
    case AB_FRAME_CREDIT:
    case AB_FRAME_END:
    case AB_FRAME_CLOSE:
        return ab_channels_hear_frame(link->channels, frame)
                   ? NULL
                   : "a frame that its channel cannot have";
    case AB_FRAME_BOUND: return "a session that is bound already";
    default: return "a frame that only a client sends";
    }
}

static const char *hear_of_session(ab_link *link, const ab_frame *frame, size_t length) AB_LOCKED
{
    const char *mistake = NULL;
    ab_link_enter(link);
    if (frame->kind == AB_FRAME_UNBOUND)
        ab_link_dismiss(link, frame->text);
    else if (link->stage == AB_LINK_BOUND)
        mistake = hear_as_bound(link, frame, length);
    else if (frame->kind == AB_FRAME_BOUND)
        ab_link_become_bound(link);
    else
        mistake = "a frame of a session that was not bound";
    ab_link_leave(link);
    return mistake;
}

static void answer_ping(ab_trunk *trunk, const ab_frame *frame) AB_LOCKED
{
    size_t before = ab_buffer_length(&trunk->out);
    trunk->codec->response(&trunk->out, (ab_value){AB_KIND_NUMBER, frame->id_bytes}, NULL,
                           (ab_slice){0});
    ab_trunk_said_aside(trunk, before);
}

/* Said of the first session, and the last of all, it is about all of them. */
static void mind_the_reason(ab_trunk *trunk, const ab_frame *frame)
{
    bool is_reason = frame->kind == AB_FRAME_UNBOUND && frame->session == 0;
    if (trunk->reason == NULL && !is_reason)
        return;
    free(trunk->reason);
    trunk->reason = is_reason ? ab_strndup(frame->text.bytes, frame->text.length) : NULL;
}

/* What was wrong with it; NULL: nothing. Of a session that we have ended something may be on its way still. */
static const char *hear(ab_trunk *trunk, const ab_frame *frame, size_t length) AB_LOCKED
{
    bool is_of_all = frame->kind == AB_FRAME_PING || frame->kind == AB_FRAME_PONG;
    mind_the_reason(trunk, frame);
    if (frame->session > trunk->last_session)
        return "a frame of a session that was not bound";
    if (is_of_all && frame->session != 0)
        return "a ping or pong of a session";
    if (frame->kind == AB_FRAME_PING)
        answer_ping(trunk, frame);
    ab_link *link = is_of_all ? NULL : ab_trunk_link(trunk, frame->session);
    return link != NULL ? hear_of_session(link, frame, length) : NULL;
}

/* What lies there cannot be read a second time. */
static bool end(ab_trunk *trunk, const char *mistake) AB_LOCKED
{
    trunk->mistake = mistake;
    ab_trunk_end_as_garbage(trunk, mistake);
    return false;
}

/* Links begin and end on the bus thread: another one leaves it what does that. */
static bool is_for_bus_thread(const ab_trunk *trunk)
{
    const char *bytes = ab_buffer_bytes(trunk->in);
    return ab_buffer_length(trunk->in) >= AB_FRAME_HEADER &&
           (bytes[4] == AB_FRAME_BOUND || bytes[4] == AB_FRAME_UNBOUND) &&
           !ab_loop_is_here(trunk->loop);
}

bool ab_trunk_hear_frame(ab_trunk *trunk)
{
    ab_frame frame;
    size_t taken;
    const char *mistake;
    if (trunk->mistake != NULL)
        return end(trunk, trunk->mistake);
    if (is_for_bus_thread(trunk)) {
        ab_stream_defer(trunk->stream);
        return false;
    }
    switch (ab_frame_next(ab_buffer_bytes(trunk->in), ab_buffer_length(trunk->in),
                          trunk->limits.max_message, &frame, &taken, &mistake)) {
    case AB_FRAME_PART: return false;
    case AB_FRAME_WRONG: return end(trunk, mistake);
    case AB_FRAME_READY: break;
    }
    ab_buffer_consume(&trunk->room, ab_buffer_length(&trunk->room));
    mistake = hear(trunk, &frame, taken);
    if (mistake != NULL)
        return end(trunk, mistake);
    if (trunk->stage == AB_TRUNK_ENDED)
        return false;
    ab_buffer_consume(trunk->in, taken);
    return true;
}
