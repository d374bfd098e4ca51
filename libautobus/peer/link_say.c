/* SPDX-License-Identifier: MIT
 * What a link says, by whatever codec it has: held against what the other side has not read yet, and while we hear
 * kept back for one piece. */
#include "base/error.h"
#include "peer/channel.h"
#include "peer/link_state.h"
#include "wire/usage.h"

static size_t pending(const ab_link *link)
{
    size_t queued = link->stream == NULL ? 0 : ab_stream_pending(link->stream);
    return queued + ab_buffer_length(&link->out);
}

size_t ab_link_room(const ab_link *link)
{
    size_t queued = pending(link), most = link->limits.max_queued;
    return queued == 0 ? SIZE_MAX : most - AB_MIN(queued, most);
}

void ab_link_eased(ab_link *link)
{
    link->aside = 0;
    ab_channels_ease(link->channels);
}

static void write_now(ab_link *link, const ab_buffer *said, bool is_urgent) AB_LOCKED
{
    if (link->stream != NULL && is_urgent)
        ab_stream_write(link->stream, ab_buffer_bytes(said), ab_buffer_length(said));
    else if (link->stream != NULL)
        ab_stream_write_soon(link->stream, ab_buffer_bytes(said), ab_buffer_length(said), NULL);
}

static void flush(ab_link *link, bool is_urgent) AB_LOCKED
{
    size_t length = ab_buffer_length(&link->out);
    if (length == 0)
        return;
    write_now(link, &link->out, is_urgent);
    ab_buffer_consume(&link->out, length);
    if (pending(link) == 0)
        ab_link_eased(link);
}

void ab_link_flush(ab_link *link)
{
    flush(link, true);
}

/* Something was appended to `out`: while we hear, it waits for more. */
static void said(ab_link *link, bool is_urgent) AB_LOCKED
{
    if (!link->is_hearing)
        flush(link, is_urgent);
}

void ab_link_said_aside(ab_link *link, size_t before)
{
    link->aside += ab_buffer_length(&link->out) - before;
    said(link, true);
    if (link->aside <= link->limits.max_queued)
        return;
    /* Much was heard at once: it may take all of it. */
    ab_link_flush(link);
    if (link->aside > link->limits.max_queued)
        ab_loop_post(link->loop, &link->overflow);
}

void ab_link_say_bind(ab_link *link, const char *service)
{
    ab_write_bind(&link->out, "0", service, link->limits.has_frames);
    ab_link_flush(link);
}

autobus_result ab_link_say_call(ab_link *link, const ab_call *call, ab_slice name,
                                ab_slice arguments)
{
    size_t before = ab_buffer_length(&link->out), queued = pending(link);
    size_t room = ab_link_room(link);
    size_t most = link->limits.max_message;
    if (name.length <= most && arguments.length <= most)
        link->codec->call(&link->out, call != NULL ? call->id : 0, name, arguments);
    size_t length = ab_buffer_length(&link->out) - before;
    if (length == 0 || length - link->codec->around > most) {
        ab_buffer_truncate(&link->out, before);
        return ab_fail(AUTOBUS_TOO_LARGE, "the call of %.*s is longer than %zu bytes",
                       (int)AB_MIN(name.length, (size_t)100), name.bytes, most);
    }
    if (length > room) {
        ab_buffer_truncate(&link->out, before);
        return ab_fail(AUTOBUS_BUSY, "%zu bytes wait already for %s, which does not read them",
                       queued, ab_link_place(link));
    }
    said(link, call != NULL && call->is_urgent);
    return AUTOBUS_OK;
}

void ab_link_say_subscribe(ab_link *link, ab_verb verb, ab_slice name)
{
    size_t before = ab_buffer_length(&link->out);
    link->codec->subscribe(&link->out, verb, name);
    ab_link_said_aside(link, before);
}

void ab_link_say_ping(ab_link *link, uint64_t id)
{
    size_t before = ab_buffer_length(&link->out);
    link->codec->ping(&link->out, id);
    ab_link_said_aside(link, before);
}

void ab_link_say_messages(ab_link *link, const ab_buffer *messages, bool is_weighed)
{
    size_t before = ab_buffer_length(&link->out);
    if (link->stage != AB_LINK_BOUND)
        return;
    if (is_weighed && before == 0 && !link->is_hearing) {
        write_now(link, messages, false); /* not copied: it may be long */
        if (pending(link) == 0)
            ab_link_eased(link);
        return;
    }
    ab_buffer_append(&link->out, ab_buffer_bytes(messages), ab_buffer_length(messages));
    if (is_weighed)
        said(link, false);
    else
        ab_link_said_aside(link, before);
}

unsigned ab_link_pour(ab_link *link, struct iovec *halves, unsigned messages)
{
    if (link->stage != AB_LINK_BOUND || link->is_hearing || ab_buffer_length(&link->out) > 0)
        return 0;
    return ab_stream_pour(link->stream, halves, messages);
}
