/* SPDX-License-Identifier: MIT
 * The life of a connection that came to us: its patience before it is bound, its pulse from then on, and its end,
 * which only the bus thread makes. */
#include "peer/session.h"

#include <stdlib.h>

#include "base/error.h"

#define UNBOUND_HELD 16384       /* bytes of an incomplete line that anybody may hold */
#define HELD_MOST    (64U << 20) /* bytes of incomplete lines, all connections of a bus together */

/* Who has closed its direction waits for its last answers; we look after it so often, so many times. */
#define LOOK       AB_MS(1000)
#define LOOKS_MOST 30

/* Many connections may each hold a line within the limit, and yet too much together. False: it does. */
static bool count_held(ab_session *session, size_t held)
{
    ab_peers *peers = session->peers;
    peers->held = peers->held - session->held + held;
    session->held = held;
    return peers->held <= HELD_MOST || held <= UNBOUND_HELD;
}

static void finish_hearing(ab_session *session, ab_hearing heard) AB_LOCKED
{
    if (heard == AB_HEARD && !count_held(session, ab_buffer_length(session->in)))
        heard = AB_HEARD_WRONG;
    if (heard == AB_HEARD)
        return;
    if (heard == AB_HEARD_WRONG)
        session->peers->refused++;
    ab_session_end(session, session->has_answered);
}

static void session_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_session *session = owner;
    session->in = in;
    if (session->is_doomed)
        return;
    if (session->is_bound)
        ab_pulse_heard(&session->pulse);
    finish_hearing(session, ab_session_hear(session));
}

static void session_drained(void *owner) AB_LOCKED
{
    ab_session *session = owner;
    if (!session->is_doomed)
        ab_session_say_on(session);
}

static void close_channels(ab_session *session, const char *sentence) AB_LOCKED
{
    ab_channels *channels = session->channels;
    session->channels = NULL;
    ab_channels_free(channels, AUTOBUS_CLOSED, sentence);
}

static bool owes_answers(ab_session *session) AB_LOCKED
{
    const ab_peers *peers = session->peers;
    return session->context != NULL && peers->ops->owes != NULL &&
           peers->ops->owes(peers->owner, session, session->context);
}

static void say_ping(ab_session *session) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_buffer_init(&message);
    session->codec->ping(&message, ++session->peers->pings);
    ab_session_say(session, &message, true);
}

/* Something to acknowledge. Blanks between lines are no message. */
static void nudge(ab_session *session) AB_LOCKED
{
    if (session->codec == &ab_codec_frames)
        say_ping(session);
    else
        ab_outbox_say(&session->outbox, "\r\n", 2, true);
}

/* It may be gone altogether: both look the same, until something is sent. A blank line means nothing to who is
 * there, and the kernel of who is not says so. */
static void look_after(ab_timer *timer) AB_LOCKED
{
    ab_session *session = AB_CONTAINER(timer, ab_session, deadline);
    ab_loop *loop = session->peers->loop;
    ab_stream_acks acks = {0};
    (void)ab_stream_ask_kernel(session->stream, &acks);
    if (acks.is_gone || ++session->looks >= LOOKS_MOST) {
        ab_session_end(session, !acks.is_gone);
        return;
    }
    ab_loop_timer_start_in(loop, &session->deadline, LOOK);
    if (session->looks == 1)
        nudge(session);
}

static void begin_leaving(ab_session *session) AB_LOCKED
{
    ab_loop *loop = session->peers->loop;
    session->is_leaving = true;
    close_channels(session, "The client is gone.");
    ab_pulse_stop(&session->pulse);
    ab_timer_init(&session->deadline, look_after);
    ab_loop_timer_start_in(loop, &session->deadline, LOOK);
}

/* The last line may lack its end. One of us never closes one direction only: it is gone. */
static void session_ended(void *owner, int error) AB_LOCKED
{
    ab_session *session = owner;
    if (error == 0 && !session->is_doomed && session->in != NULL &&
        session->codec == &ab_codec_lines && ab_buffer_length(session->in) > 0) {
        ab_buffer_append(session->in, "\n", 1);
        if (ab_session_hear(session) == AB_HEARD_WRONG)
            session->peers->refused++;
    }
    if (error == 0 && !session->is_doomed && !session->is_autobus && owes_answers(session)) {
        begin_leaving(session);
        return;
    }
    ab_session_end(session, error == 0 && session->has_answered);
}

static const ab_stream_ops stream_ops = {
    .received = session_received,
    .ended = session_ended,
    .drained = session_drained,
};

static void pulse_pings(ab_pulse *pulse) AB_LOCKED
{
    say_ping(AB_CONTAINER(pulse, ab_session, pulse));
}

/* Who serves has nothing to do for those who are silent for a while. */
static void pulse_responds(ab_pulse *pulse, bool is_responsive)
{
    (void)pulse;
    (void)is_responsive;
}

static void pulse_dies(ab_pulse *pulse, bool is_vanished) AB_LOCKED
{
    ab_session_dismiss(AB_CONTAINER(pulse, ab_session, pulse),
                       is_vanished ? "Your host does not answer any more."
                                   : "You have been silent for too long.");
}

static const ab_pulse_ops pulse_ops = {pulse_pings, pulse_responds, pulse_dies};

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_session *session = AB_CONTAINER(timer, ab_session, deadline);
    session->peers->refused++;
    ab_session_end(session, session->has_answered);
}

static void do_soon(ab_task *task) AB_LOCKED
{
    ab_session *session = AB_CONTAINER(task, ab_session, soon);
    if (session->is_doomed || (session->is_leaving && !owes_answers(session)))
        ab_session_end(session, true);
    else
        ab_session_say_on(session);
}

void ab_session_begin(ab_peers *peers, int fd, ab_peer_host *host)
{
    ab_session *session = ab_alloc(1, sizeof *session);
    session->peers = peers;
    session->host = host;
    session->codec = &ab_codec_lines;
    ab_timer_init(&session->deadline, lose_patience);
    ab_task_init(&session->soon, do_soon);
    ab_loop_timer_start_in(peers->loop, &session->deadline, peers->limits.unbound_life);
    ab_list_append(&peers->sessions, &session->place);
    peers->count++;
    session->stream = ab_stream_adopt(peers->loop, fd, &stream_ops, session);
    ab_stream_guard(session->stream, true);
    ab_outbox_init(&session->outbox, session->stream);
}

void ab_session_become_bound(ab_session *session, void *context)
{
    ab_peers *peers = session->peers;
    session->context = context;
    session->is_bound = true;
    ab_peers_settle_host(session->host);
    ab_loop_timer_stop(peers->loop, &session->deadline);
    ab_pulse_start(&session->pulse, peers->loop, session->stream, &pulse_ops, session->is_autobus,
                   peers->limits.unresponsive, peers->limits.silence);
}

void ab_session_pause(ab_session *session, bool is_paused)
{
    session->is_paused = is_paused;
    ab_stream_pause(session->stream, is_paused);
    if (session->is_bound && !session->is_leaving)
        ab_pulse_pause(&session->pulse, is_paused);
}

static void rest_timers(ab_session *session) AB_LOCKED
{
    if (session->is_bound && !session->is_leaving)
        ab_pulse_stop(&session->pulse);
    else
        ab_loop_timer_stop(session->peers->loop, &session->deadline);
}

static void unbind(ab_session *session) AB_LOCKED
{
    void *context = session->context;
    session->context = NULL;
    if (context != NULL)
        session->peers->ops->unbound(session->peers->owner, session, context);
}

static void say_unbound(ab_session *session, const char *sentence) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_buffer_init(&message);
    if (!session->is_autobus || !session->is_bound)
        return;
    session->codec->unbound(&message, sentence);
    ab_stream_write(session->stream, ab_buffer_bytes(&message), ab_buffer_length(&message));
}

void ab_session_doom(ab_session *session, const char *sentence)
{
    ab_outbox_finish(&session->outbox, session->peers->limits.max_queued);
    say_unbound(session, sentence);
    session->is_doomed = true;
    close_channels(session, sentence);
    rest_timers(session);
    ab_loop_post(session->peers->loop, &session->soon);
}

void ab_session_dismiss(ab_session *session, const char *sentence)
{
    if (!session->is_doomed) {
        if (session->is_busy)
            ab_session_flush(session);
        ab_session_doom(session, sentence);
    }
    unbind(session);
}

void ab_session_end(ab_session *session, bool politely)
{
    ab_peers *peers = session->peers;
    if (politely && !session->is_doomed)
        ab_outbox_finish(&session->outbox, peers->limits.max_queued);
    session->is_doomed = true;
    close_channels(session, "The client is gone.");
    unbind(session);
    rest_timers(session);
    ab_task_cancel(&session->soon);
    ab_outbox_clear(&session->outbox);
    (void)count_held(session, 0);
    ab_peers_leave_host(peers, session->host, session->is_bound);
    ab_list_remove(&session->place);
    peers->count--;
    if (politely)
        ab_peers_close_politely(peers, session->stream);
    else
        ab_stream_close(session->stream);
    free(session);
}
