/* SPDX-License-Identifier: MIT
 * A world that stands still for fuzzing what accepts connections: a loop that turns when it is told to, a clock that
 * is moved, one listener, and one connection whose bytes lie in memory. It takes the places of the loop, the acceptor
 * and the stream of the library, so one program includes it once. */
#ifndef AUTOBUS_FUZZ_STILL_H
#define AUTOBUS_FUZZ_STILL_H

#include <assert.h>

#include "net/acceptor.h"
#include "net/stream.h"
#include "still_loop.h"
#include "written.h"

struct ab_stream {
    const ab_stream_ops *ops;
    void *owner;
    ab_buffer in, out; /**< out: all that was ever written */
    size_t taken;      /**< of out, by the other side */
    bool is_paused, is_closed;
};

static struct {
    ab_acceptor_fn *accepted;
    void *owner;
    ab_stream stream;
} still;

autobus_result ab_acceptor_open(ab_loop *loop, uint16_t port, ab_acceptor_fn *accepted, void *owner,
                                ab_acceptor **ret)
{
    (void)loop;
    (void)port;
    still.accepted = accepted;
    still.owner = owner;
    *ret = NULL;
    return AUTOBUS_OK;
}

ab_acceptor *ab_acceptor_adopt(ab_loop *loop, int fd, ab_acceptor_fn *accepted, void *owner)
{
    (void)loop;
    (void)fd;
    (void)accepted;
    (void)owner;
    return NULL;
}

void ab_acceptor_close(ab_acceptor *acceptor)
{
    (void)acceptor;
}

uint16_t ab_acceptor_port(const ab_acceptor *acceptor)
{
    (void)acceptor;
    return 1;
}

ab_stream *ab_stream_adopt(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner)
{
    (void)loop;
    (void)fd;
    still.stream = (ab_stream){.ops = ops, .owner = owner};
    return &still.stream;
}

void ab_stream_write(ab_stream *stream, const void *bytes, size_t length)
{
    assert(!stream->is_closed);
    ab_buffer_append(&stream->out, bytes, length);
}

size_t ab_stream_pending(const ab_stream *stream)
{
    return ab_buffer_length(&stream->out) - stream->taken;
}

void ab_stream_pause(ab_stream *stream, bool is_paused)
{
    stream->is_paused = is_paused;
}

bool ab_stream_ask_kernel(const ab_stream *stream, ab_stream_acks *acks)
{
    (void)stream;
    *acks = (ab_stream_acks){0};
    return true;
}

void ab_stream_guard(ab_stream *stream, bool is_guarded)
{
    (void)is_guarded;
    assert(!stream->is_closed);
}

void ab_stream_close(ab_stream *stream)
{
    assert(!stream->is_closed);
    stream->is_closed = true;
}

void ab_stream_close_gently(ab_stream *stream, ab_time patience)
{
    (void)patience;
    ab_stream_close(stream);
}

#endif
