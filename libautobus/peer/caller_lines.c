/* SPDX-License-Identifier: MIT
 * What a connection says to us in lines, which is how all of them begin: reads them and answers those that need nobody
 * else. Whatever a stream is cut into, the same bytes get the same answers. */
#include "peer/caller.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "wire/fields.h"

#define UNBOUND_LINE 16384 /* bytes of a line from somebody who is not bound */

/* A message without an id, or a notification, is never answered. */
static void answer_error(ab_caller *caller, const ab_message *message, const char *text)
{
    if (message->id.kind != AB_KIND_NONE)
        ab_write_error(&caller->peers->answers, message->id, text);
}

/* What was said in lines, the answer to the bind above all, belongs to the connection. If it has to wait, then not
 * among what goes with the first session. */
static void begin_frames(ab_caller *caller) AB_LOCKED
{
    ab_outbox *outbox = &caller->first.outbox;
    if (!ab_outbox_is_idle(outbox)) {
        ab_caller_flush(caller);
        ab_outbox_finish(outbox, SIZE_MAX);
    }
    caller->codec = &ab_codec_frames;
}

static ab_hearing hear_bind(ab_caller *caller, const ab_message *message) AB_LOCKED
{
    ab_peers *peers = caller->peers;
    ab_value value;
    bool is_autobus;
    void *context = NULL;
    if (!ab_read_bind(message, &value, &is_autobus)) {
        answer_error(caller, message, "bind needs \"service\": the id of a service, or null.");
        return AB_HEARD;
    }
    caller->is_autobus = is_autobus;
    if (!is_autobus)
        peers->ops->legacy_seen(peers->owner);

    char id[UNBOUND_LINE];
    ab_slice written, service = {id, ab_scan_string(value, id)};
    bool is_introspection = value.kind == AB_KIND_NULL || ab_slice_is(service, "autobus");
    if (is_introspection || ab_field_service(value, &written))
        context =
            peers->ops->bind(peers->owner, &caller->first, is_introspection ? NULL : &service);
    if (context == NULL) {
        answer_error(caller, message, "The service you attempted to bind to does not exist.");
        return AB_HEARD_LAST;
    }
    caller->first.is_introspection = is_introspection;
    bool has_frames = is_autobus && message->id.kind != AB_KIND_NONE && peers->limits.has_frames &&
                      ab_read_frames(message);
    if (message->id.kind != AB_KIND_NONE)
        ab_write_bound(&peers->answers, message->id, value.kind == AB_KIND_NULL ? NULL : &service,
                       is_autobus ? &peers->bus : NULL, has_frames);
    if (has_frames)
        begin_frames(caller);
    ab_caller_become_bound(caller, context);
    return AB_HEARD;
}

/* False: it has no such thing as pages. */
static bool hear_services(ab_caller *caller, const ab_message *message)
{
    ab_peers *peers = caller->peers;
    if (!caller->first.is_introspection || !caller->is_autobus)
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
        answer_error(caller, message, "services needs \"after\": the id of a service, or null.");
    }
    return true;
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
    const ab_peers *peers = session->caller->peers;
    ab_ask ask;
    ab_read_ask(message, &ask);
    return peers->ops->command(peers->owner, session, session->context, &ask);
}

static void hear_command(ab_caller *caller, const ab_message *message) AB_LOCKED
{
    ab_peers *peers = caller->peers;
    if (message->type == AB_MESSAGE_RESPONSE && caller->is_autobus)
        return; /* to a ping of ours */
    if (message->command.kind != AB_KIND_STRING) {
        answer_error(caller, message, "A message needs \"_command\": the name of a command.");
    } else if (ab_message_is(message, "ping")) {
        if (message->id.kind != AB_KIND_NONE)
            ab_write_response(&peers->answers, message->id, NULL, (ab_slice){0});
    } else if (ab_message_is(message, "bind")) {
        answer_error(caller, message, "That command does not exist.");
    } else if (!(ab_message_is(message, "services") && hear_services(caller, message)) &&
               !hear_channels(&caller->first, message) && !hear_ask(&caller->first, message)) {
        answer_error(caller, message, "That command does not exist.");
    }
}

static ab_hearing hear_line(ab_caller *caller, ab_slice line) AB_LOCKED
{
    ab_message message;
    if (!ab_message_read(&message, line))
        return AB_HEARD_WRONG;
    if (message.type == AB_MESSAGE_NOTIFICATION)
        message.id = (ab_value){0};
    if (caller->is_bound) {
        hear_command(caller, &message);
        return AB_HEARD;
    }
    if (ab_message_is(&message, "bind"))
        return hear_bind(caller, &message);
    answer_error(caller, &message, "Bind to a service first.");
    return AB_HEARD;
}

static ab_hearing refuse_long_line(ab_caller *caller, size_t limit)
{
    char text[80];
    snprintf(text, sizeof text, "That line is longer than %zu bytes.", limit);
    ab_write_error(&caller->peers->answers, (ab_value){0}, text);
    return AB_HEARD_WRONG;
}

/* Blanks before a line are nobody's; and what does not begin with a brace will never be an object, so we need
 * not wait for its end. False: it does not. */
static bool is_at_an_object(ab_caller *caller)
{
    const char *bytes = ab_buffer_bytes(caller->in);
    size_t length = ab_buffer_length(caller->in), blank = 0;
    while (blank < length && (bytes[blank] == ' ' || bytes[blank] == '\t' || bytes[blank] == '\r' ||
                              bytes[blank] == '\n'))
        blank++;
    if (blank > 0) {
        ab_buffer_consume(caller->in, blank);
        caller->searched = 0;
    }
    return blank == length || bytes[blank] == '{';
}

/* Hears one line if there is one. *is_more: there may be another. */
static ab_hearing hear_next(ab_caller *caller, bool *is_more) AB_LOCKED
{
    *is_more = false;
    if (caller->codec == &ab_codec_frames)
        return ab_caller_hear_frame(caller, is_more);
    if (!is_at_an_object(caller))
        return AB_HEARD_WRONG;
    size_t limit = caller->is_bound ? caller->peers->limits.max_message : UNBOUND_LINE;
    ab_slice line, bytes = {ab_buffer_bytes(caller->in), ab_buffer_length(caller->in)};
    size_t taken;
    switch (ab_line_next(bytes, limit, &caller->searched, &line, &taken)) {
    case AB_LINE_LONG: return refuse_long_line(caller, limit);
    case AB_LINE_MORE: return AB_HEARD;
    case AB_LINE_READY: break;
    }
    ab_hearing heard = hear_line(caller, line);
    ab_buffer_consume(caller->in, taken);
    caller->searched = 0;
    *is_more = true;
    return heard;
}

/* Stops reading the questions of somebody who does not read the answers. Who is not even bound has nothing to
 * ask so much about. */
static ab_hearing mind_the_answers(ab_caller *caller) AB_LOCKED
{
    if (!ab_caller_owes_much(caller) || caller->is_doomed)
        return AB_HEARD;
    ab_caller_flush(caller);
    if (!ab_caller_owes_much(caller))
        return AB_HEARD;
    if (!caller->is_bound)
        return AB_HEARD_WRONG;
    ab_caller_pause(caller, true);
    return AB_HEARD;
}

ab_hearing ab_caller_hear(ab_caller *caller)
{
    bool is_more = true;
    ab_hearing heard = mind_the_answers(caller);
    caller->is_busy = true;
    while (is_more && heard == AB_HEARD && !caller->is_doomed && !caller->is_paused) {
        heard = hear_next(caller, &is_more);
        if (heard == AB_HEARD)
            heard = mind_the_answers(caller);
    }
    ab_caller_flush(caller);
    caller->is_busy = false;
    ab_caller_ease(caller);
    return heard;
}
