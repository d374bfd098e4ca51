/* SPDX-License-Identifier: MIT
 * The life of a connection that came to us: its patience before it is bound, its pulse from then on, and its end,
 * which only the bus thread makes. */
#include "peer/caller.h"

#include <stdlib.h>

#include "base/error.h"

#define UNBOUND_HELD 16384       /* bytes of an incomplete line that anybody may hold */
#define HELD_MOST    (64U << 20) /* bytes of incomplete lines, all connections of a bus together */

/* Who has closed its direction waits for its last answers; we look after it so often, so many times. */
#define LOOK       AB_MS(1000)
#define LOOKS_MOST 30

/* Many connections may each hold a line within the limit, and yet too much together. False: it does. */
static bool count_held(ab_caller *caller, size_t held)
{
    ab_peers *peers = caller->peers;
    peers->held = peers->held - caller->held + held;
    caller->held = held;
    return peers->held <= HELD_MOST || held <= UNBOUND_HELD;
}

static void finish_hearing(ab_caller *caller, ab_hearing heard) AB_LOCKED
{
    if (heard == AB_HEARD && !count_held(caller, ab_buffer_length(caller->in)))
        heard = AB_HEARD_WRONG;
    if (heard == AB_HEARD)
        return;
    if (heard == AB_HEARD_WRONG)
        caller->peers->refused++;
    ab_caller_end(caller, caller->has_answered);
}

static void caller_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_caller *caller = owner;
    caller->in = in;
    if (caller->is_doomed)
        return;
    if (caller->is_bound)
        ab_pulse_heard(&caller->pulse);
    finish_hearing(caller, ab_caller_hear(caller));
}

static void caller_drained(void *owner) AB_LOCKED
{
    ab_caller *caller = owner;
    if (caller->is_doomed)
        return;
    ab_caller_say_on(caller);
    if (caller->kept > 0)
        ab_loop_post(caller->peers->loop, &caller->soon);
}

static bool owes_answers(ab_caller *caller) AB_LOCKED
{
    const ab_peers *peers = caller->peers;
    ab_session *first = &caller->first;
    return first->context != NULL && peers->ops->owes != NULL &&
           peers->ops->owes(peers->owner, first, first->context);
}

static void say_own(ab_caller *caller, char *bytes, size_t length) AB_LOCKED
{
    caller->has_answered = true;
    ab_outbox_say(ab_caller_own(caller), bytes, length, true);
}

static void say_ping(ab_caller *caller) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_buffer_init(&message);
    caller->codec->ping(&message, ++caller->peers->pings);
    say_own(caller, ab_buffer_bytes(&message), ab_buffer_length(&message));
}

/* Something to acknowledge. Blanks between lines are no message. */
static void nudge(ab_caller *caller) AB_LOCKED
{
    char blank[] = "\r\n";
    if (caller->codec == &ab_codec_frames)
        say_ping(caller);
    else
        say_own(caller, blank, 2);
}

/* It may be gone altogether: both look the same, until something is sent. A blank line means nothing to who is
 * there, and the kernel of who is not says so. */
static void look_after(ab_timer *timer) AB_LOCKED
{
    ab_caller *caller = AB_CONTAINER(timer, ab_caller, deadline);
    ab_loop *loop = caller->peers->loop;
    ab_stream_acks acks = {0};
    (void)ab_stream_ask_kernel(caller->stream, &acks);
    if (acks.is_gone || ++caller->looks >= LOOKS_MOST) {
        ab_caller_end(caller, !acks.is_gone);
        return;
    }
    ab_loop_timer_start_in(loop, &caller->deadline, LOOK);
    if (caller->looks == 1)
        nudge(caller);
}

static void begin_leaving(ab_caller *caller) AB_LOCKED
{
    ab_loop *loop = caller->peers->loop;
    caller->is_leaving = true;
    ab_session_close_channels(&caller->first, "The client is gone.");
    ab_pulse_stop(&caller->pulse);
    ab_timer_init(&caller->deadline, look_after);
    ab_loop_timer_start_in(loop, &caller->deadline, LOOK);
}

/* The last line may lack its end. One of us never closes one direction only: it is gone. */
static void caller_ended(void *owner, int error) AB_LOCKED
{
    ab_caller *caller = owner;
    if (error == 0 && !caller->is_doomed && caller->in != NULL &&
        caller->codec == &ab_codec_lines && ab_buffer_length(caller->in) > 0) {
        ab_buffer_append(caller->in, "\n", 1);
        if (ab_caller_hear(caller) == AB_HEARD_WRONG)
            caller->peers->refused++;
    }
    if (error == 0 && !caller->is_doomed)
        (void)ab_caller_hear_kept(caller, true);
    if (error == 0 && !caller->is_doomed && !caller->is_autobus && owes_answers(caller)) {
        begin_leaving(caller);
        return;
    }
    ab_caller_end(caller, error == 0 && caller->has_answered);
}

static const ab_stream_ops stream_ops = {
    .received = caller_received,
    .ended = caller_ended,
    .drained = caller_drained,
};

static void pulse_pings(ab_pulse *pulse) AB_LOCKED
{
    say_ping(AB_CONTAINER(pulse, ab_caller, pulse));
}

/* Who serves has nothing to do for those who are silent for a while. */
static void pulse_responds(ab_pulse *pulse, bool is_responsive)
{
    (void)pulse;
    (void)is_responsive;
}

/* Every session hears why. */
static void pulse_dies(ab_pulse *pulse, bool is_vanished) AB_LOCKED
{
    ab_caller *caller = AB_CONTAINER(pulse, ab_caller, pulse);
    const char *sentence =
        is_vanished ? "Your host does not answer any more." : "You have been silent for too long.";
    AB_LIST_FOR_SAFE (each, &caller->sessions)
        ab_session_dismiss(AB_CONTAINER(each, ab_session, place), sentence);
    if (!caller->first.is_over)
        ab_session_dismiss(&caller->first, sentence);
}

static const ab_pulse_ops pulse_ops = {pulse_pings, pulse_responds, pulse_dies};

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_caller *caller = AB_CONTAINER(timer, ab_caller, deadline);
    caller->peers->refused++;
    ab_caller_end(caller, caller->has_answered);
}

/* Those above may not have heard yet of their end. */
static void free_what_is_over(ab_caller *caller) AB_LOCKED
{
    for (ab_list *first; (first = ab_list_take_first(&caller->over)) != NULL;) {
        ab_session *session = AB_CONTAINER(first, ab_session, place);
        ab_session_end(session);
        ab_buffer_fini(&session->kept);
        free(session);
    }
    if (caller->first.is_over)
        ab_session_end(&caller->first);
}

static void do_soon(ab_task *task) AB_LOCKED
{
    ab_caller *caller = AB_CONTAINER(task, ab_caller, soon);
    if (caller->is_doomed || (caller->is_leaving && !owes_answers(caller))) {
        ab_caller_end(caller, true);
        return;
    }
    free_what_is_over(caller);
    ab_hearing heard = ab_caller_hear_kept(caller, false);
    if (heard != AB_HEARD) {
        caller->peers->refused += heard == AB_HEARD_WRONG;
        ab_caller_end(caller, caller->has_answered);
        return;
    }
    ab_caller_say_on(caller);
}

void ab_caller_begin(ab_peers *peers, int fd, ab_peer_host *host)
{
    ab_caller *caller = ab_alloc(1, sizeof *caller);
    caller->peers = peers;
    caller->host = host;
    caller->codec = &ab_codec_lines;
    caller->bound = 1;
    ab_timer_init(&caller->deadline, lose_patience);
    ab_task_init(&caller->soon, do_soon);
    ab_loop_timer_start_in(peers->loop, &caller->deadline, peers->limits.unbound_life);
    ab_list_append(&peers->callers, &caller->place);
    peers->count++;
    caller->stream = ab_stream_adopt(peers->loop, fd, &stream_ops, caller);
    ab_stream_guard(caller->stream, true);
    ab_outlet_init(&caller->outlet, caller->stream, peers->loop, &caller->soon);
    ab_outbox_init(&caller->own, &caller->outlet, 0);
    caller->own.is_ahead = true;
    ab_session_init(&caller->first, caller, 0);
    caller->at = &caller->first.outbox;
    ab_list_init(&caller->sessions);
    ab_list_init(&caller->over);
    ab_map_init(&caller->by_number);
}

void ab_caller_become_bound(ab_caller *caller, void *context)
{
    ab_peers *peers = caller->peers;
    caller->first.context = context;
    caller->is_bound = true;
    ab_peers_settle_host(caller->host);
    ab_loop_timer_stop(peers->loop, &caller->deadline);
    ab_pulse_start(&caller->pulse, peers->loop, caller->stream, &pulse_ops, caller->is_autobus,
                   peers->limits.unresponsive, peers->limits.silence);
}

void ab_caller_pause(ab_caller *caller, bool is_paused)
{
    caller->is_paused = is_paused;
    ab_stream_pause(caller->stream, is_paused);
    if (caller->is_bound && !caller->is_leaving)
        ab_pulse_pause(&caller->pulse, is_paused);
}

static void rest_timers(ab_caller *caller) AB_LOCKED
{
    if (caller->is_bound && !caller->is_leaving)
        ab_pulse_stop(&caller->pulse);
    else
        ab_loop_timer_stop(caller->peers->loop, &caller->deadline);
}

void ab_caller_doom(ab_caller *caller)
{
    caller->is_doomed = true;
    rest_timers(caller);
}

void ab_caller_end(ab_caller *caller, bool politely)
{
    ab_peers *peers = caller->peers;
    if (politely && !caller->is_doomed)
        ab_caller_finish(caller);
    caller->is_doomed = true;
    ab_session_end(&caller->first);
    AB_LIST_FOR_SAFE (each, &caller->sessions)
        ab_session_end(AB_CONTAINER(each, ab_session, place));
    free_what_is_over(caller);
    rest_timers(caller);
    ab_task_cancel(&caller->soon);
    ab_outbox_clear(&caller->own);
    ab_buffer_fini(&caller->first.kept);
    ab_map_fini(&caller->by_number);
    (void)count_held(caller, 0);
    ab_peers_leave_host(peers, caller->host, caller->is_bound);
    ab_list_remove(&caller->place);
    peers->count--;
    if (politely)
        ab_peers_close_politely(peers, caller->stream);
    else
        ab_stream_close(caller->stream);
    free(caller);
}
