/* SPDX-License-Identifier: MIT
 * What a server has said on a connection: whole lines, then perhaps whole frames. Order is kept within a session, not
 * between them, so two conversations are the same if they are so session by session. */
#ifndef AUTOBUS_FUZZ_SAID_H
#define AUTOBUS_FUZZ_SAID_H

#include <assert.h>

#include "base/buffer.h"
#include "wire/frames.h"
#include "wire/lines.h"

/* How far `bytes` are lines, each an object of its own. */
static size_t length_of_lines(ab_slice bytes)
{
    size_t at = 0;
    for (bool has_frames = false; at < bytes.length && !has_frames;) {
        const char *line = bytes.bytes + at;
        const char *end = memchr(line, '\n', bytes.length - at);
        ab_message message;
        assert(end != NULL && end - line > 2 && end[-1] == '\r');
        assert(ab_message_read(&message, (ab_slice){line, (size_t)(end - 1 - line)}));
        has_frames = ab_read_frames(&message);
        at = (size_t)(end + 1 - bytes.bytes);
    }
    return at;
}

/* The frames of one session, appended; *least becomes the smallest number above it. A session but the first begins with
 * `bound`, unless it is refused, and nothing is said of one behind its `unbound`. */
static void take_session(ab_slice frames, uint32_t session, uint32_t *least, ab_buffer *out)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer copy;
    ab_frame frame;
    const char *mistake;
    bool is_bound = session == 0, is_over = false;
    *least = UINT32_MAX;
    ab_buffer_init(&copy);
    ab_buffer_append(&copy, frames.bytes, frames.length);
    for (size_t at = 0, taken; at < frames.length; at += taken) {
        ab_frame_state state = ab_frame_next(ab_buffer_bytes(&copy) + at, frames.length - at,
                                             SIZE_MAX / 2, &frame, &taken, &mistake);
        assert(state == AB_FRAME_READY);
        if (frame.session > session && frame.session < *least)
            *least = frame.session;
        if (frame.session != session)
            continue;
        assert(is_bound == (frame.kind != AB_FRAME_BOUND) || frame.kind == AB_FRAME_UNBOUND);
        /* Pongs, and the reason why all of it ends, are under 0 without being of a session. */
        assert(!is_over || session == 0);
        is_bound = true;
        is_over = frame.kind == AB_FRAME_UNBOUND;
        ab_buffer_append(out, frames.bytes + at, taken);
    }
}

/* All that was ever said, session by session. */
static void sort_said(const ab_buffer *said, ab_buffer *out)
{
    ab_slice all = {ab_buffer_bytes(said), ab_buffer_length(said)};
    if (all.bytes == NULL)
        return;
    size_t lines = length_of_lines(all);
    ab_slice frames = {all.bytes + lines, all.length - lines};
    ab_buffer_append(out, all.bytes, lines);
    for (uint32_t session = 0, next; frames.length > 0 && session != UINT32_MAX; session = next)
        take_session(frames, session, &next, out);
    assert(ab_buffer_length(out) == all.length);
}

#endif
