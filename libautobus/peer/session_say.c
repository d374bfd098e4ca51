/* SPDX-License-Identifier: MIT
 * What a session is told: answers, messages for many, slots; in one order, and within bounds. */
#include "peer/caller.h"

/* Answers of one turn, of which more leave before its end. */
#define TURN_MOST 65536

static size_t in_this_turn(const ab_session *session)
{
    const ab_caller *caller = session->caller;
    bool is_at_work = caller->is_busy && caller->at == &session->outbox;
    return is_at_work ? ab_buffer_length(&caller->peers->answers) : 0;
}

size_t ab_session_owed(const ab_session *session)
{
    return in_this_turn(session) + ab_outbox_waiting(&session->outbox);
}

void ab_session_hold(ab_session *session, bool is_held)
{
    ab_caller *caller = session->caller;
    if (session->is_over || session->is_held == is_held)
        return;
    session->is_held = is_held;
    caller->holds += is_held ? 1 : -(size_t)1;
    if (!is_held && (caller->is_paused || caller->kept > 0))
        ab_loop_post(caller->peers->loop, &caller->soon);
}

/* Answers given while it is being heard wait for the end of the turn, behind those already there. */
void ab_session_say(ab_session *session, const ab_buffer *messages, bool is_urgent)
{
    ab_caller *caller = session->caller;
    char *bytes = ab_buffer_bytes(messages);
    size_t length = ab_buffer_length(messages);
    if (session->is_over)
        return;
    if (caller->is_busy) {
        ab_buffer_append(ab_caller_collect(caller, &session->outbox), bytes, length);
        return;
    }
    caller->has_answered = true;
    ab_outbox_say(&session->outbox, bytes, length, is_urgent);
    if (caller->is_leaving) /* it may have been the last */
        ab_loop_post(caller->peers->loop, &caller->soon);
}

unsigned ab_session_pour(ab_session *session, struct iovec *halves, unsigned messages)
{
    ab_caller *caller = session->caller;
    if (session->is_over || caller->is_busy || !ab_outbox_is_idle(&session->outbox))
        return 0;
    for (unsigned i = 0; session->number != 0 && i < messages; i++)
        ab_frames_name_session(halves[2 * i].iov_base, halves[2 * i].iov_len, session->number);
    caller->has_answered = true;
    return ab_stream_pour(caller->stream, halves, messages);
}

static void say_room(ab_session *session) AB_LOCKED
{
    ab_buffer *room = &session->caller->peers->room;
    ab_session_say(session, room, true);
    ab_buffer_consume(room, ab_buffer_length(room));
}

void ab_session_answer(ab_session *session, ab_value id, const char *key, ab_slice value)
{
    const ab_caller *caller = session->caller;
    if (id.kind == AB_KIND_NONE)
        return;
    caller->codec->response(&caller->peers->room, id, key, value);
    say_room(session);
}

void ab_session_answer_error(ab_session *session, ab_value id, autobus_result code,
                             const char *text)
{
    const ab_caller *caller = session->caller;
    if (id.kind == AB_KIND_NONE)
        return;
    caller->codec->error(&caller->peers->room, id, code, text);
    say_room(session);
}

/* True: it goes with the answers of this turn. Else they go first, so that the order stays. */
static bool joins_the_turn(ab_session *session) AB_LOCKED
{
    ab_caller *caller = session->caller;
    ab_outbox *outbox = &session->outbox;
    if (!caller->is_busy)
        return false;
    const ab_buffer *answers = ab_caller_collect(caller, outbox);
    if (outbox->credit > 0 && ab_outbox_is_idle(outbox) && ab_buffer_length(answers) <= TURN_MOST)
        return true;
    ab_caller_flush(caller);
    return false;
}

/* True: it has not read so much that this would be too much. What others have said on its connection is not its. */
static bool is_too_slow_for(const ab_session *session, size_t length)
{
    const ab_caller *caller = session->caller;
    size_t waiting = in_this_turn(session) + session->outbox.queued;
    if (!caller->is_shared)
        waiting += ab_stream_pending(caller->stream);
    return waiting > 0 && waiting + length > caller->peers->limits.max_queued;
}

/* With the answers of this turn, or behind what waits. */
static AB_NOINLINE void send_behind(ab_session *session, ab_circular *circular) AB_LOCKED
{
    const ab_buffer *message = &circular->message;
    size_t length = ab_buffer_length(message);
    if (is_too_slow_for(session, length)) {
        ab_session_drop(session);
    } else if (joins_the_turn(session)) {
        ab_buffer_append(&session->caller->peers->answers, ab_buffer_bytes(message), length);
        ab_outbox_pay(&session->outbox, length);
    } else {
        ab_outbox_share(&session->outbox, circular);
    }
}

void ab_session_send(ab_session *session, ab_circular *circular)
{
    ab_caller *caller = session->caller;
    if (session->is_over)
        return;
    caller->has_answered = true;
    if (!caller->is_busy && ab_outbox_is_idle(&session->outbox))
        ab_outbox_share(&session->outbox, circular);
    else
        send_behind(session, circular);
}

void ab_session_touch(ab_session *session, ab_slot *slot)
{
    ab_buffer *answers = &session->caller->peers->answers;
    if (session->is_over)
        return;
    session->caller->has_answered = true;
    if (!joins_the_turn(session)) {
        ab_outbox_touch(&session->outbox, slot);
        return;
    }
    size_t before = ab_buffer_length(answers);
    slot->write(slot, answers);
    ab_outbox_pay(&session->outbox, ab_buffer_length(answers) - before);
}

const ab_codec *ab_session_codec(const ab_session *session)
{
    return session->caller->codec;
}

bool ab_session_is_autobus(const ab_session *session)
{
    return session->caller->is_autobus;
}

const char *ab_session_host(const ab_session *session, char text[AB_ADDRESS_TEXT])
{
    return ab_address_host(&session->caller->host->source.address, text);
}

const ab_peer_limits *ab_session_limits(const ab_session *session)
{
    return &session->caller->peers->limits;
}
