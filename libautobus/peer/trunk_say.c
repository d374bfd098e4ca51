/* SPDX-License-Identifier: MIT
 * What leaves by a trunk: held against what the other side has not read yet, and while we hear kept back for one
 * piece. */
#include "base/error.h"
#include "peer/channel.h"
#include "peer/link_state.h"
#include "wire/usage.h"

size_t ab_trunk_pending(const ab_trunk *trunk)
{
    size_t queued = trunk->stream == NULL ? 0 : ab_stream_pending(trunk->stream);
    return queued + ab_buffer_length(&trunk->out);
}

/* In an op that is called here links may go, but none beside the one that is asked. */
void ab_trunk_eased(ab_trunk *trunk)
{
    trunk->aside = 0;
    trunk->era++;
    if (!trunk->is_tight)
        return;
    trunk->is_tight = false;
    AB_LIST_FOR_SAFE (at, &trunk->links)
        ab_channels_ease(AB_CONTAINER(at, ab_link, place)->channels);
}

static void write_now(ab_trunk *trunk, const ab_buffer *said, bool is_urgent) AB_LOCKED
{
    if (trunk->stream != NULL && is_urgent)
        ab_stream_write(trunk->stream, ab_buffer_bytes(said), ab_buffer_length(said));
    else if (trunk->stream != NULL)
        ab_stream_write_soon(trunk->stream, ab_buffer_bytes(said), ab_buffer_length(said), NULL);
}

static void flush(ab_trunk *trunk, bool is_urgent) AB_LOCKED
{
    size_t length = ab_buffer_length(&trunk->out);
    if (length == 0)
        return;
    write_now(trunk, &trunk->out, is_urgent);
    ab_buffer_consume(&trunk->out, length);
    if (ab_trunk_pending(trunk) == 0)
        ab_trunk_eased(trunk);
}

void ab_trunk_flush(ab_trunk *trunk)
{
    flush(trunk, true);
}

/* While we hear, it waits for more. */
void ab_trunk_said(ab_trunk *trunk, bool is_urgent)
{
    if (!trunk->is_hearing)
        flush(trunk, is_urgent);
}

void ab_trunk_said_aside(ab_trunk *trunk, size_t before)
{
    size_t most = trunk->limits.max_queued * (trunk->further + 1);
    trunk->aside += ab_buffer_length(&trunk->out) - before;
    ab_trunk_said(trunk, true);
    if (trunk->aside <= most || trunk->stage == AB_TRUNK_ENDED)
        return;
    /* Much was heard at once: it may take all of it. */
    ab_trunk_flush(trunk);
    if (trunk->aside > most)
        ab_loop_post(trunk->loop, &trunk->overflow);
}

void ab_trunk_say_bind(ab_trunk *trunk, const char *service)
{
    ab_write_bind(&trunk->out, "0", service, trunk->limits.has_frames);
    ab_trunk_flush(trunk);
}

void ab_trunk_say_ping(ab_trunk *trunk, uint64_t id)
{
    size_t before = ab_buffer_length(&trunk->out);
    trunk->codec->ping(&trunk->out, id);
    ab_trunk_said_aside(trunk, before);
}

bool ab_trunk_pass(ab_trunk *trunk, const ab_buffer *messages)
{
    if (trunk->is_hearing || ab_buffer_length(&trunk->out) > 0)
        return false;
    write_now(trunk, messages, false);
    if (ab_trunk_pending(trunk) == 0)
        ab_trunk_eased(trunk);
    return true;
}

unsigned ab_trunk_pour(ab_trunk *trunk, struct iovec *halves, unsigned messages)
{
    if (trunk->is_hearing || ab_buffer_length(&trunk->out) > 0)
        return 0;
    return ab_stream_pour(trunk->stream, halves, messages);
}
