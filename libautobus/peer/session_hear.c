/* SPDX-License-Identifier: MIT
 * What a session says to us in lines, which is how all of them begin: reads them and answers those that need nobody
 * else. Whatever a stream is cut into, the same bytes get the same answers. */
#include "peer/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "wire/fields.h"

#define UNBOUND_LINE 16384 /* bytes of a line from somebody who is not bound */

/* A message without an id, or a notification, is never answered. */
static void answer_error(ab_session *session, const ab_message *message, const char *text)
{
    if (message->id.kind != AB_KIND_NONE)
        ab_write_error(&session->peers->answers, message->id, text);
}

static ab_hearing hear_bind(ab_session *session, const ab_message *message) AB_LOCKED
{
    ab_peers *peers = session->peers;
    ab_value value;
    bool is_autobus;
    void *context = NULL;
    if (!ab_read_bind(message, &value, &is_autobus)) {
        answer_error(session, message, "bind needs \"service\": the id of a service, or null.");
        return AB_HEARD;
    }
    session->is_autobus = is_autobus;
    if (!is_autobus)
        peers->ops->legacy_seen(peers->owner);

    char id[UNBOUND_LINE];
    ab_slice written, service = {id, ab_scan_string(value, id)};
    bool is_introspection = value.kind == AB_KIND_NULL || ab_slice_is(service, "autobus");
    if (is_introspection || ab_field_service(value, &written))
        context = peers->ops->bind(peers->owner, session, is_introspection ? NULL : &service);
    if (context == NULL) {
        answer_error(session, message, "The service you attempted to bind to does not exist.");
        return AB_HEARD_LAST;
    }
    session->is_introspection = is_introspection;
    bool has_frames = is_autobus && message->id.kind != AB_KIND_NONE && peers->limits.has_frames &&
                      ab_read_frames(message);
    if (message->id.kind != AB_KIND_NONE)
        ab_write_bound(&peers->answers, message->id, value.kind == AB_KIND_NULL ? NULL : &service,
                       is_autobus ? &peers->bus : NULL, has_frames);
    if (has_frames)
        session->codec = &ab_codec_frames;
    ab_session_become_bound(session, context);
    return AB_HEARD;
}

/* False: it has no such thing as pages. */
static bool hear_services(ab_session *session, const ab_message *message)
{
    ab_peers *peers = session->peers;
    if (!session->is_introspection || !session->is_autobus)
        return false;
    if (message->id.kind == AB_KIND_NONE)
        return true;
    ab_value after = ab_message_member(message, AB_SLICE("after"));
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

/* What is not weighed answers what was read, and no more is read while answers pile up. */
static void send_for_channels(void *owner, const ab_buffer *messages, bool is_weighed) AB_LOCKED
{
    ab_session_say(owner, messages, !is_weighed);
}

static size_t room_for_channels(void *owner)
{
    const ab_session *session = owner;
    size_t owed = ab_session_owed(session), most = session->peers->limits.max_queued;
    return owed == 0 ? SIZE_MAX : most - AB_MIN(owed, most);
}

static bool offer_channel(void *owner, autobus_channel *offered, ab_slice name, bool is_stream)
{
    ab_session *session = owner;
    const ab_peers *peers = session->peers;
    return session->context != NULL &&
           peers->ops->offered(peers->owner, session, session->context, offered, name, is_stream);
}

static unsigned pour_for_channels(void *owner, struct iovec *halves, unsigned messages) AB_LOCKED
{
    return ab_session_pour(owner, halves, messages);
}

static const ab_channels_ops channels_ops = {
    .send = send_for_channels,
    .offered = offer_channel,
    .room = room_for_channels,
    .pour = pour_for_channels,
};

ab_channels *ab_session_open_channels(ab_session *session)
{
    const ab_peers *peers = session->peers;
    const ab_peer_limits *limits = &peers->limits;
    if (session->channels == NULL && peers->ops->offered != NULL) {
        session->channels =
            ab_channels_new(session->codec, &channels_ops, session, limits->max_channels,
                            limits->window, limits->max_message);
        ab_channels_offer(session->channels, peers->seat);
    }
    return session->channels;
}

/* Most connections never open a channel, and need no room for them. False: it is not about channels. */
static bool hear_channels(ab_session *session, const ab_message *message) AB_LOCKED
{
    if (session->channels == NULL && ab_message_is(message, "open"))
        (void)ab_session_open_channels(session);
    return session->channels != NULL && ab_channels_hear(session->channels, message);
}

static bool hear_ask(ab_session *session, const ab_message *message) AB_LOCKED
{
    const ab_peers *peers = session->peers;
    ab_ask ask;
    ab_read_ask(message, &ask);
    return peers->ops->command(peers->owner, session, session->context, &ask);
}

static void hear_command(ab_session *session, const ab_message *message) AB_LOCKED
{
    ab_peers *peers = session->peers;
    if (message->type == AB_MESSAGE_RESPONSE && session->is_autobus)
        return; /* to a ping of ours */
    if (message->command.kind != AB_KIND_STRING) {
        answer_error(session, message, "A message needs \"_command\": the name of a command.");
    } else if (ab_message_is(message, "ping")) {
        if (message->id.kind != AB_KIND_NONE)
            ab_write_response(&peers->answers, message->id, NULL, (ab_slice){0});
    } else if (ab_message_is(message, "bind")) {
        answer_error(session, message, "That command does not exist.");
    } else if (!(ab_message_is(message, "services") && hear_services(session, message)) &&
               !hear_channels(session, message) && !hear_ask(session, message)) {
        answer_error(session, message, "That command does not exist.");
    }
}

static ab_hearing hear_line(ab_session *session, ab_slice line) AB_LOCKED
{
    ab_message message;
    if (!ab_message_read(&message, line))
        return AB_HEARD_WRONG;
    if (message.type == AB_MESSAGE_NOTIFICATION)
        message.id = (ab_value){0};
    if (session->is_bound) {
        hear_command(session, &message);
        return AB_HEARD;
    }
    if (ab_message_is(&message, "bind"))
        return hear_bind(session, &message);
    answer_error(session, &message, "Bind to a service first.");
    return AB_HEARD;
}

static ab_hearing refuse_long_line(ab_session *session, size_t limit)
{
    char text[80];
    snprintf(text, sizeof text, "That line is longer than %zu bytes.", limit);
    ab_write_error(&session->peers->answers, (ab_value){0}, text);
    return AB_HEARD_WRONG;
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
static ab_hearing hear_next(ab_session *session, bool *is_more) AB_LOCKED
{
    *is_more = false;
    if (session->codec == &ab_codec_frames)
        return ab_session_hear_frame(session, is_more);
    if (!is_at_an_object(session))
        return AB_HEARD_WRONG;
    size_t limit = session->is_bound ? session->peers->limits.max_message : UNBOUND_LINE;
    ab_slice line, bytes = {ab_buffer_bytes(session->in), ab_buffer_length(session->in)};
    size_t taken;
    switch (ab_line_next(bytes, limit, &session->searched, &line, &taken)) {
    case AB_LINE_LONG: return refuse_long_line(session, limit);
    case AB_LINE_MORE: return AB_HEARD;
    case AB_LINE_READY: break;
    }
    ab_hearing heard = hear_line(session, line);
    ab_buffer_consume(session->in, taken);
    session->searched = 0;
    *is_more = true;
    return heard;
}

/* Stops reading the questions of somebody who does not read the answers. Who is not even bound has nothing to
 * ask so much about. */
static ab_hearing mind_the_answers(ab_session *session) AB_LOCKED
{
    if (!ab_session_owes_much(session) || session->is_doomed)
        return AB_HEARD;
    ab_session_flush(session);
    if (!ab_session_owes_much(session))
        return AB_HEARD;
    if (!session->is_bound)
        return AB_HEARD_WRONG;
    ab_session_pause(session, true);
    return AB_HEARD;
}

ab_hearing ab_session_hear(ab_session *session)
{
    bool is_more = true;
    ab_hearing heard = mind_the_answers(session);
    session->is_busy = true;
    while (is_more && heard == AB_HEARD && !session->is_doomed && !session->is_paused) {
        heard = hear_next(session, &is_more);
        if (heard == AB_HEARD)
            heard = mind_the_answers(session);
    }
    ab_session_flush(session);
    session->is_busy = false;
    if (ab_session_owed(session) == 0)
        ab_channels_ease(session->channels);
    return heard;
}
