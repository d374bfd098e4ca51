/* SPDX-License-Identifier: MIT
 * Many small things to say are made one piece, for each would cost a system call, here and on the other side. What the
 * bus thread says waits for the end of its turn; what other threads say in a rush, and nobody waits for, a moment. */
#include "net/stream_state.h"

/* So many bytes leave, whoever says more: a thread that goes on with the next and one that reads these work at the same
 * time. */
#define GATHERED_MOST 16384

/* What is gathered in a turn is a batch from so many bytes on. */
#define BATCH 2048

/* What follows so soon upon what was said before, and answers nothing, is one of many. So long at most they wait while
 * more come; once none do, until a timer has fired. */
#define RUSH  ((ab_time)100)
#define PAUSE ((ab_time)200)

void ab_stream_send_gathered(ab_stream *stream)
{
    if (!stream->is_gathering)
        return;
    stream->is_gathering = false;
    ab_task_cancel(&stream->last);
    size_t length = ab_buffer_length(&stream->out);
    size_t sent = ab_stream_send(stream, ab_buffer_bytes(&stream->out), length);
    if (stream->is_broken)
        return;
    ab_buffer_consume(&stream->out, sent);
    if (sent < length)
        ab_stream_update_watch(stream);
}

/* Many that leave together may be answered together, and soon. */
static void send_batch(ab_stream *stream) AB_LOCKED
{
    if (ab_buffer_length(&stream->out) >= BATCH)
        ab_loop_expect_news(stream->loop);
    ab_stream_send_gathered(stream);
}

static void end_turn(ab_task *task) AB_LOCKED
{
    send_batch(AB_CONTAINER(task, ab_stream, last));
}

/* In a rush the thread that says so much sends it, too, and this only looks after the last. */
static void end_rush(ab_timer *timer) AB_LOCKED
{
    ab_stream *stream = AB_CONTAINER(timer, ab_stream, soon);
    ab_time due = stream->gathered_at + PAUSE;
    if (stream->is_gathering && due > ab_loop_now(stream->loop))
        ab_loop_timer_start(stream->loop, timer, due);
    else
        ab_stream_send_gathered(stream);
}

void ab_stream_gathering_init(ab_stream *stream)
{
    ab_task_init(&stream->last, end_turn);
    ab_timer_init(&stream->soon, end_rush);
}

void ab_stream_gathering_fini(ab_stream *stream)
{
    ab_stream_send_gathered(stream);
    ab_loop_timer_stop(stream->loop, &stream->soon);
}

bool ab_stream_gather(ab_stream *stream, const void *bytes, size_t length)
{
    if (!ab_loop_may_put_off(stream->loop) || stream->is_connecting || length > GATHERED_MOST) {
        ab_stream_send_gathered(stream);
        return false;
    }
    if (stream->is_gathering && ab_buffer_length(&stream->out) + length > GATHERED_MOST)
        send_batch(stream);
    if (!stream->is_gathering && (stream->is_broken || ab_buffer_length(&stream->out) > 0))
        return false;
    ab_buffer_append(&stream->out, bytes, length);
    stream->is_gathering = true;
    ab_loop_post_last(stream->loop, &stream->last);
    return true;
}

static ab_time now_or_first(const ab_stream *stream, ab_time *now)
{
    if (now == NULL)
        return ab_loop_now(stream->loop);
    if (*now == 0)
        *now = ab_loop_now(stream->loop);
    return *now;
}

static bool is_rush(ab_stream *stream, ab_time now)
{
    bool is_rush = now - stream->said_at < RUSH && !stream->has_heard && !stream->is_connecting;
    stream->said_at = now;
    stream->has_heard = false;
    return is_rush && ab_stream_pending(stream) == 0;
}

bool ab_stream_gather_rush(ab_stream *stream, const void *bytes, size_t length, ab_time *said)
{
    /* What the bus thread says in code that may take long would wait for that. */
    if (ab_loop_is_here(stream->loop))
        return false;
    ab_time now = now_or_first(stream, said);
    if (!is_rush(stream, now))
        return false;
    if (!stream->is_gathering)
        stream->gathered_at = now;
    stream->is_gathering = true;
    ab_buffer_append(&stream->out, bytes, length);
    if (ab_buffer_length(&stream->out) >= GATHERED_MOST || now - stream->gathered_at >= RUSH)
        ab_stream_send_gathered(stream);
    else if (!ab_timer_is_running(&stream->soon))
        ab_loop_timer_start(stream->loop, &stream->soon, now + PAUSE);
    return true;
}
