/* SPDX-License-Identifier: MIT
 * Reads the lines of one inbound connection and answers those that need nobody else. Whatever a stream is cut
 * into, the same bytes get the same answers. */
#include "peer/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "wire/fields.h"

#define UNBOUND_LINE 16384       /* bytes of a line from somebody who is not bound */
#define ANSWERS_MOST 65536       /* bytes queued before we stop reading questions */
#define HELD_MOST    (64U << 20) /* bytes of incomplete lines, all connections of a bus together */

/* What a line leads to. */
typedef enum outcome {
    GO_ON,
    NO_SUCH_SERVICE, /* said so; that was all */
    REFUSED,         /* it speaks something else, or asks for too much */
} outcome;

static bool is_bound(const ab_session *session)
{
    return session->host == NULL;
}

/* What is written while its lines are read goes out in one piece. */
static void flush(ab_session *session) AB_LOCKED
{
    ab_buffer *answers = &session->peers->answers;
    if (ab_buffer_length(answers) == 0)
        return;
    session->has_answered = true;
    ab_stream_write(session->stream, ab_buffer_bytes(answers), ab_buffer_length(answers));
    ab_buffer_consume(answers, ab_buffer_length(answers));
}

/* A message without an id, or a notification, is never answered. */
static void answer_error(ab_session *session, const ab_message *message, const char *text)
{
    if (message->id.kind != AB_KIND_NONE)
        ab_write_error(&session->peers->answers, message->id, text);
}

static void become_bound(ab_session *session) AB_LOCKED
{
    ab_peers *peers = session->peers;
    ab_loop_timer_stop(peers->loop, &session->deadline);
    ab_peers_leave_host(peers, session->host);
    session->host = NULL;
}

static outcome hear_bind(ab_session *session, const ab_message *message) AB_LOCKED
{
    ab_peers *peers = session->peers;
    ab_value value;
    bool is_autobus;
    if (!ab_read_bind(message, &value, &is_autobus)) {
        answer_error(session, message, "bind needs \"service\": the id of a service, or null.");
        return GO_ON;
    }
    if (!is_autobus)
        peers->ops->legacy_seen(peers->owner);

    char id[UNBOUND_LINE];
    ab_slice written, service = {id, ab_scan_string(value, id)};
    bool is_introspection = value.kind == AB_KIND_NULL || ab_slice_is(service, "autobus");
    if (is_introspection || ab_field_service(value, &written))
        session->context =
            peers->ops->bind(peers->owner, session, is_introspection ? NULL : &service);
    if (session->context == NULL) {
        answer_error(session, message, "The service you attempted to bind to does not exist.");
        return NO_SUCH_SERVICE;
    }
    session->is_introspection = is_introspection;
    session->is_autobus = is_autobus;
    become_bound(session);
    if (message->id.kind != AB_KIND_NONE)
        ab_write_bound(&peers->answers, message->id, value.kind == AB_KIND_NULL ? NULL : &service,
                       is_autobus ? &peers->bus : NULL);
    return GO_ON;
}

/* False: it has no such thing as pages. */
static bool hear_services(ab_session *session, const ab_message *message)
{
    ab_peers *peers = session->peers;
    if (!session->is_introspection || !session->is_autobus)
        return false;
    if (message->id.kind == AB_KIND_NONE)
        return true;
    ab_value after = ab_scan_member(message->whole, AB_SLICE("after"));
    ab_slice written;
    if (after.kind == AB_KIND_NONE || after.kind == AB_KIND_NULL) {
        peers->ops->services(peers->owner, &peers->answers, message->id, NULL);
    } else if (ab_field_service(after, &written)) {
        char *id = ab_alloc(1, after.text.length);
        ab_slice plain = {id, ab_scan_string(after, id)};
        peers->ops->services(peers->owner, &peers->answers, message->id, &plain);
        free(id);
    } else {
        answer_error(session, message, "services needs \"after\": the id of a service, or null.");
    }
    return true;
}

static void hear_command(ab_session *session, const ab_message *message)
{
    ab_peers *peers = session->peers;
    if (message->command.kind != AB_KIND_STRING) {
        answer_error(session, message, "A message needs \"_command\": the name of a command.");
    } else if (ab_message_is(message, "ping")) {
        if (message->id.kind != AB_KIND_NONE)
            ab_write_response(&peers->answers, message->id, NULL, (ab_slice){0});
    } else if (ab_message_is(message, "bind")) {
        answer_error(session, message, "That command does not exist.");
    } else if (!(ab_message_is(message, "services") && hear_services(session, message)) &&
               !peers->ops->command(peers->owner, session, session->context, message)) {
        answer_error(session, message, "That command does not exist.");
    }
}

static outcome hear_line(ab_session *session, ab_slice line) AB_LOCKED
{
    ab_message message;
    if (!ab_message_read(&message, line))
        return REFUSED;
    if (message.type == AB_MESSAGE_NOTIFICATION)
        message.id = (ab_value){0};
    if (is_bound(session)) {
        hear_command(session, &message);
        return GO_ON;
    }
    if (ab_message_is(&message, "bind"))
        return hear_bind(session, &message);
    answer_error(session, &message, "Bind to a service first.");
    return GO_ON;
}

static outcome refuse_long_line(ab_session *session, size_t limit)
{
    char text[80];
    snprintf(text, sizeof text, "That line is longer than %zu bytes.", limit);
    ab_write_error(&session->peers->answers, (ab_value){0}, text);
    return REFUSED;
}

/* Blanks before a line are nobody's; and what does not begin with a brace will never be an object, so we need
 * not wait for its end. False: it does not. */
static bool is_at_an_object(ab_session *session)
{
    const char *bytes = ab_buffer_bytes(session->in);
    size_t length = ab_buffer_length(session->in), blank = 0;
    while (blank < length && (bytes[blank] == ' ' || bytes[blank] == '\t' || bytes[blank] == '\r' ||
                              bytes[blank] == '\n'))
        blank++;
    if (blank > 0) {
        ab_buffer_consume(session->in, blank);
        session->searched = 0;
    }
    return blank == length || bytes[blank] == '{';
}

/* Hears one line if there is one. *is_more: there may be another. */
static outcome hear_next(ab_session *session, bool *is_more) AB_LOCKED
{
    *is_more = false;
    if (!is_at_an_object(session))
        return REFUSED;
    size_t limit = is_bound(session) ? session->peers->limits.max_message : UNBOUND_LINE;
    ab_slice line, bytes = {ab_buffer_bytes(session->in), ab_buffer_length(session->in)};
    size_t taken;
    switch (ab_line_next(bytes, limit, &session->searched, &line, &taken)) {
    case AB_LINE_LONG: return refuse_long_line(session, limit);
    case AB_LINE_MORE: return GO_ON;
    case AB_LINE_READY: break;
    }
    outcome result = hear_line(session, line);
    ab_buffer_consume(session->in, taken);
    session->searched = 0;
    *is_more = true;
    return result;
}

/* Stops reading the questions of somebody who does not read the answers. Who is not even bound has nothing to
 * ask so much about. */
static outcome mind_the_answers(ab_session *session) AB_LOCKED
{
    if (ab_buffer_length(&session->peers->answers) + ab_stream_pending(session->stream) <=
        ANSWERS_MOST)
        return GO_ON;
    flush(session);
    if (ab_stream_pending(session->stream) <= ANSWERS_MOST)
        return GO_ON;
    if (!is_bound(session))
        return REFUSED;
    session->is_paused = true;
    ab_stream_pause(session->stream, true);
    return GO_ON;
}

/* Everything in `in` that is complete, unless the answers pile up. */
static outcome hear_lines(ab_session *session) AB_LOCKED
{
    bool is_more = true;
    outcome result = GO_ON;
    session->is_busy = true;
    while (is_more && result == GO_ON && !session->is_doomed && !session->is_paused) {
        result = hear_next(session, &is_more);
        if (result == GO_ON)
            result = mind_the_answers(session);
    }
    session->is_busy = false;
    flush(session);
    if (result == REFUSED)
        session->peers->refused++;
    return result;
}

/* Many connections may each hold a line within the limit, and yet too much together. */
static outcome count_held(ab_session *session, size_t held)
{
    ab_peers *peers = session->peers;
    peers->held = peers->held - session->held + held;
    session->held = held;
    if (peers->held <= HELD_MOST || held <= UNBOUND_LINE)
        return GO_ON;
    peers->refused++;
    return REFUSED;
}

static void session_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_session *session = owner;
    session->in = in;
    if (session->is_doomed)
        return;
    outcome result = hear_lines(session);
    if (result == GO_ON)
        result = count_held(session, ab_buffer_length(in));
    if (result != GO_ON)
        ab_session_end(session, session->has_answered);
}

static void session_drained(void *owner) AB_LOCKED
{
    ab_session *session = owner;
    if (!session->is_paused)
        return;
    session->is_paused = false;
    ab_stream_pause(session->stream, false);
}

/* The last line may lack its end. */
static void session_ended(void *owner, int error) AB_LOCKED
{
    ab_session *session = owner;
    if (error == 0 && !session->is_doomed && session->in != NULL &&
        ab_buffer_length(session->in) > 0) {
        ab_buffer_append(session->in, "\n", 1);
        (void)hear_lines(session);
    }
    ab_session_end(session, error == 0 && session->has_answered);
}

static const ab_stream_ops stream_ops = {
    .received = session_received,
    .ended = session_ended,
    .drained = session_drained,
};

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_session *session = AB_CONTAINER(timer, ab_session, deadline);
    session->peers->refused++;
    ab_session_end(session, session->has_answered);
}

void ab_session_begin(ab_peers *peers, int fd, ab_peer_host *host)
{
    ab_session *session = ab_alloc(1, sizeof *session);
    session->peers = peers;
    session->host = host;
    ab_timer_init(&session->deadline, lose_patience);
    ab_loop_timer_start(peers->loop, &session->deadline,
                        ab_loop_now(peers->loop) + peers->limits.unbound_life);
    ab_list_append(&peers->sessions, &session->place);
    peers->count++;
    session->stream = ab_stream_adopt(peers->loop, fd, &stream_ops, session);
}

static void unbind(ab_session *session)
{
    void *context = session->context;
    session->context = NULL;
    if (context != NULL)
        session->peers->ops->unbound(session->peers->owner, session, context);
}

void ab_session_doom(ab_session *session)
{
    session->is_doomed = true;
    unbind(session);
    ab_loop_post(session->peers->loop, &session->peers->farewell);
}

void ab_session_end(ab_session *session, bool politely)
{
    ab_peers *peers = session->peers;
    unbind(session);
    (void)count_held(session, 0);
    if (session->host != NULL)
        ab_peers_leave_host(peers, session->host);
    ab_loop_timer_stop(peers->loop, &session->deadline);
    ab_list_remove(&session->place);
    peers->count--;
    if (politely)
        ab_peers_close_politely(peers, session->stream);
    else
        ab_stream_close(session->stream);
    free(session);
}

/* Answers given while its lines are read wait for the end of the turn, behind those already there. */
static void give(ab_session *session, ab_value id, const char *key, ab_slice value,
                 const char *error) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer now;
    ab_buffer_init(&now);
    ab_buffer *out = session->is_busy ? &session->peers->answers : &now;
    if (id.kind == AB_KIND_NONE || session->is_doomed)
        return;
    if (error != NULL)
        ab_write_error(out, id, error);
    else
        ab_write_response(out, id, key, value);
    if (out == &now) {
        session->has_answered = true;
        ab_stream_write(session->stream, ab_buffer_bytes(out), ab_buffer_length(out));
    }
}

void ab_session_answer(ab_session *session, ab_value id, const char *key, ab_slice value)
{
    give(session, id, key, value, NULL);
}

void ab_session_answer_error(ab_session *session, ab_value id, const char *text)
{
    give(session, id, NULL, (ab_slice){0}, text);
}
