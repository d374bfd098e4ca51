/* SPDX-License-Identifier: MIT
 * What a session is told: answers, messages for many, slots; in one order, and within bounds. */
#include "peer/session.h"

#include <stdio.h>

/* Above this no more questions are read. */
#define ANSWERS_MOST 65536

void ab_session_flush(ab_session *session)
{
    ab_buffer *answers = &session->peers->answers;
    size_t length = ab_buffer_length(answers);
    if (length > 0 && !session->is_doomed) {
        session->has_answered = true;
        ab_outbox_say(&session->outbox, ab_buffer_bytes(answers), length, true);
    }
    ab_buffer_consume(answers, length);
}

size_t ab_session_owed(const ab_session *session)
{
    size_t in_this_turn = session->is_busy ? ab_buffer_length(&session->peers->answers) : 0;
    return in_this_turn + ab_outbox_waiting(&session->outbox);
}

bool ab_session_owes_much(const ab_session *session)
{
    return session->is_held || ab_session_owed(session) > ANSWERS_MOST;
}

void ab_session_hold(ab_session *session, bool is_held)
{
    session->is_held = is_held;
    if (!is_held && session->is_paused && !session->is_doomed)
        ab_loop_post(session->peers->loop, &session->soon);
}

/* Answers given while its lines are read wait for the end of the turn, behind those already there. */
void ab_session_say(ab_session *session, const ab_buffer *messages, bool is_urgent)
{
    const char *bytes = ab_buffer_bytes(messages);
    size_t length = ab_buffer_length(messages);
    if (session->is_doomed)
        return;
    if (session->is_busy) {
        ab_buffer_append(&session->peers->answers, bytes, length);
        return;
    }
    session->has_answered = true;
    ab_outbox_say(&session->outbox, bytes, length, is_urgent);
    if (session->is_leaving) /* it may have been the last */
        ab_loop_post(session->peers->loop, &session->soon);
}

unsigned ab_session_pour(ab_session *session, struct iovec *halves, unsigned messages)
{
    if (session->is_doomed || session->is_busy || !ab_outbox_is_idle(&session->outbox))
        return 0;
    session->has_answered = true;
    return ab_stream_pour(session->stream, halves, messages);
}

void ab_session_say_on(ab_session *session)
{
    if (ab_outbox_go_on(&session->outbox))
        ab_loop_post(session->peers->loop, &session->soon);
    if (session->is_paused && !ab_session_owes_much(session))
        ab_session_pause(session, false);
    if (ab_session_owed(session) == 0)
        ab_channels_ease(session->channels);
}

static void say_room(ab_session *session) AB_LOCKED
{
    ab_buffer *room = &session->peers->room;
    ab_session_say(session, room, true);
    ab_buffer_consume(room, ab_buffer_length(room));
}

void ab_session_answer(ab_session *session, ab_value id, const char *key, ab_slice value)
{
    ab_buffer *room = &session->peers->room;
    if (id.kind == AB_KIND_NONE)
        return;
    session->codec->response(room, id, key, value);
    say_room(session);
}

void ab_session_answer_error(ab_session *session, ab_value id, autobus_result code,
                             const char *text)
{
    ab_buffer *room = &session->peers->room;
    if (id.kind == AB_KIND_NONE)
        return;
    session->codec->error(room, id, code, text);
    say_room(session);
}

/* It is told nothing more but why. The program's side of it hears of that on the bus thread, for we may be in
 * the middle of telling many. */
static void drop(ab_session *session) AB_LOCKED
{
    char sentence[100];
    size_t most = session->peers->limits.max_queued;
    snprintf(sentence, sizeof sentence, "You read too slowly: more than %zu bytes wait for you.",
             most);
    if (session->is_busy)
        ab_buffer_truncate(&session->peers->answers, 0);
    ab_outbox_clear(&session->outbox);
    ab_session_doom(session, sentence);
}

/* True: it goes with the answers of this turn. Else they go first, so that the order stays. */
static bool joins_the_turn(ab_session *session) AB_LOCKED
{
    if (!session->is_busy)
        return false;
    if (ab_outbox_is_idle(&session->outbox) &&
        ab_buffer_length(&session->peers->answers) <= ANSWERS_MOST)
        return true;
    ab_session_flush(session);
    return false;
}

void ab_session_send(ab_session *session, ab_circular *circular)
{
    const ab_buffer *message = &circular->message;
    if (session->is_doomed)
        return;
    size_t owed = ab_session_owed(session);
    session->has_answered = true;
    if (owed > 0 && owed + ab_buffer_length(message) > session->peers->limits.max_queued)
        drop(session);
    else if (joins_the_turn(session))
        ab_buffer_append(&session->peers->answers, ab_buffer_bytes(message),
                         ab_buffer_length(message));
    else
        ab_outbox_share(&session->outbox, circular);
}

void ab_session_touch(ab_session *session, ab_slot *slot)
{
    if (session->is_doomed)
        return;
    session->has_answered = true;
    if (joins_the_turn(session))
        slot->write(slot, &session->peers->answers);
    else
        ab_outbox_touch(&session->outbox, slot);
}

const ab_codec *ab_session_codec(const ab_session *session)
{
    return session->codec;
}

bool ab_session_is_autobus(const ab_session *session)
{
    return session->is_autobus;
}

const char *ab_session_host(const ab_session *session, char text[AB_ADDRESS_TEXT])
{
    return ab_address_host(&session->host->source.address, text);
}

const ab_peer_limits *ab_session_limits(const ab_session *session)
{
    return &session->peers->limits;
}
