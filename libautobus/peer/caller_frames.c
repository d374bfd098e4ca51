/* SPDX-License-Identifier: MIT
 * What a connection says to us in frames: which session a frame is of, and what begins, pays for and ends a session.
 * Both sides are of us here: a mistake is no old habit, and ends the connection with a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/caller.h"
#include "wire/fields.h"

#define MISTAKE_USED "a session whose number was used before"

/* It is the last that is said, behind what any session has still to say. */
ab_hearing ab_caller_refuse(ab_caller *caller, const char *mistake)
{
    char sentence[120];
    snprintf(sentence, sizeof sentence, "You sent %s.", mistake);
    if (caller->is_shared) {
        ab_caller_flush(caller);
        ab_caller_finish(caller);
    }
    caller->codec->unbound(ab_caller_collect(caller, ab_caller_own(caller)), sentence);
    return AB_HEARD_WRONG;
}

static void hear_ask(ab_session *session, ab_verb verb, const ab_frame *frame) AB_LOCKED
{
    const ab_peers *peers = session->caller->peers;
    ab_ask ask;
    ask.verb = verb;
    ask.id = frame->id == 0 ? (ab_value){0} : (ab_value){AB_KIND_NUMBER, frame->id_bytes};
    ask.arguments = frame->value;
    ask.line = NULL;
    ask.has_name = frame->name.length <= AB_NAME_MOST;
    ask.name.length = AB_MIN(frame->name.length, (size_t)AB_NAME_MOST);
    memcpy(ask.name.bytes, frame->name.bytes, ask.name.length);
    ask.name.bytes[ask.name.length] = '\0';
    (void)peers->ops->command(peers->owner, session, session->context, &ask);
}

static const char *hear_channels(ab_session *session, const ab_frame *frame) AB_LOCKED
{
    if (session->channels == NULL && frame->kind == AB_FRAME_OPEN)
        (void)ab_session_open_channels(session);
    bool is_right = session->channels == NULL || ab_channels_hear_frame(session->channels, frame);
    return is_right ? NULL : "a frame that its channel cannot have";
}

/* What was wrong with it; NULL: nothing. It is about the connection, and answered behind nothing but its like. */
static const char *hear_ping(ab_caller *caller, const ab_frame *frame) AB_LOCKED
{
    if (frame->session != 0)
        return "a ping or pong of a session";
    if (frame->kind == AB_FRAME_PING)
        caller->codec->response(ab_caller_collect(caller, ab_caller_own(caller)),
                                (ab_value){AB_KIND_NUMBER, frame->id_bytes}, NULL, (ab_slice){0});
    return NULL;
}

static void hear_grant(ab_session *session, uint64_t credit) AB_LOCKED
{
    session->caller->is_shared = true;
    ab_outbox_grant(&session->outbox, credit);
}

/* What was wrong with a frame of this session; NULL: nothing. */
static const char *hear(ab_session *session, const ab_frame *frame) AB_LOCKED
{
    switch (frame->kind) {
    case AB_FRAME_CALL: hear_ask(session, AB_VERB_CALL, frame); break;
    case AB_FRAME_WATCH: hear_ask(session, AB_VERB_WATCH, frame); break;
    case AB_FRAME_UNWATCH: hear_ask(session, AB_VERB_UNWATCH, frame); break;
    case AB_FRAME_LISTEN: hear_ask(session, AB_VERB_LISTEN, frame); break;
    case AB_FRAME_UNLISTEN: hear_ask(session, AB_VERB_UNLISTEN, frame); break;
    case AB_FRAME_PING:
    case AB_FRAME_PONG: return hear_ping(session->caller, frame);
    case AB_FRAME_OPEN:
    case AB_FRAME_DATA:
    case AB_FRAME_BLOB:
    case AB_FRAME_CREDIT:
    case AB_FRAME_END:
    case AB_FRAME_CLOSE: return hear_channels(session, frame);
    case AB_FRAME_UNBIND: ab_session_leave(session); break;
    case AB_FRAME_GRANT: hear_grant(session, frame->number); break;
    case AB_FRAME_BIND: return MISTAKE_USED;
    default: return "a frame that only a service sends";
    }
    return NULL;
}

/* What stood before all else may have been forgotten; and somebody may send no credit, and go on asking. */
static void mind_the_queue(ab_session *session) AB_LOCKED
{
    ab_outbox *outbox = &session->outbox;
    if (ab_list_is_empty(&outbox->queue) || session->is_over)
        return;
    ab_outlet_line_up(outbox->outlet, outbox);
    if (outbox->queued > session->caller->peers->limits.max_queued && !ab_outbox_may_go(outbox))
        ab_session_drop(session);
}

/* Further sessions. */

static void refuse_session(ab_caller *caller, uint16_t number, const char *sentence) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_buffer_init(&message);
    caller->codec->unbound(&message, sentence);
    ab_frames_name_session(ab_buffer_bytes(&message), ab_buffer_length(&message), number);
    ab_buffer_append(ab_caller_collect(caller, &caller->own), ab_buffer_bytes(&message),
                     ab_buffer_length(&message));
}

/* What a service may be called. */
static bool is_service(ab_slice name)
{
    return name.length > 0 && name.length <= AB_FIELD_ID &&
           memchr(name.bytes, '\0', name.length) == NULL;
}

/* False: there is no such service. */
static bool bind(ab_caller *caller, const ab_frame *frame) AB_LOCKED
{
    ab_peers *peers = caller->peers;
    ab_session *session = ab_alloc(1, sizeof *session);
    ab_session_init(session, caller, frame->session);
    session->is_introspection = ab_slice_is(frame->name, "autobus");
    if (is_service(frame->name))
        session->context = peers->ops->bind(peers->owner, session,
                                            session->is_introspection ? NULL : &frame->name);
    if (session->context == NULL) {
        free(session);
        return false;
    }
    ab_map_put(&caller->by_number, &session->number, sizeof session->number, session);
    ab_list_append(&caller->sessions, &session->place);
    caller->bound++;
    ab_outbox_grant(&session->outbox, frame->number);
    ab_frames_write_bound(ab_caller_collect(caller, &session->outbox), session->number);
    return true;
}

static const char *hear_bind(ab_caller *caller, const ab_frame *frame) AB_LOCKED
{
    if (frame->session <= caller->last)
        return MISTAKE_USED;
    caller->last = frame->session;
    caller->is_shared = true;
    const char *why = caller->bound < AB_SESSIONS_MOST
                          ? ab_peers_take_seat(caller->peers, caller->host)
                          : "This bus has as many connections as it takes from one host.";
    if (why == NULL && !bind(caller, frame)) {
        ab_peers_leave_seat(caller->peers, caller->host);
        why = "The service you attempted to bind to does not exist.";
    }
    if (why != NULL)
        refuse_session(caller, frame->session, why);
    return NULL;
}

/* Which frames belong to whom. */

/* Of a session that is not bound: not yet, or no more, and then it was on its way. */
static const char *hear_of_nobody(ab_caller *caller, const ab_frame *frame) AB_LOCKED
{
    if (frame->kind == AB_FRAME_BIND)
        return hear_bind(caller, frame);
    if (frame->session > caller->last)
        return "a frame of a session that was not bound";
    if (frame->kind == AB_FRAME_PING || frame->kind == AB_FRAME_PONG)
        return hear_ping(caller, frame);
    return NULL;
}

ab_session *ab_caller_session(ab_caller *caller, uint16_t number)
{
    if (number == 0)
        return caller->first.is_over ? NULL : &caller->first;
    return ab_map_get(&caller->by_number, &number, sizeof number);
}

const char *ab_caller_obey(ab_caller *caller, const ab_frame *frame)
{
    ab_session *session = ab_caller_session(caller, frame->session);
    if (session == NULL)
        return hear_of_nobody(caller, frame);
    const char *mistake = hear(session, frame);
    mind_the_queue(session);
    return mistake;
}

ab_hearing ab_caller_hear_frame(ab_caller *caller, bool *is_more)
{
    ab_frame frame;
    size_t taken;
    const char *mistake = NULL;
    if (ab_caller_gets_stuck(caller))
        return AB_HEARD;
    switch (ab_frame_next(ab_buffer_bytes(caller->in), ab_buffer_length(caller->in),
                          caller->peers->limits.max_message, &frame, &taken, &mistake)) {
    case AB_FRAME_PART: return AB_HEARD;
    case AB_FRAME_WRONG: return ab_caller_refuse(caller, mistake);
    case AB_FRAME_READY: break;
    }
    if (!ab_caller_keep(caller, &frame, taken))
        mistake = ab_caller_obey(caller, &frame);
    if (mistake != NULL)
        return ab_caller_refuse(caller, mistake);
    ab_buffer_consume(caller->in, taken);
    *is_more = true;
    return caller->bound > 0 || caller->is_doomed ? AB_HEARD : AB_HEARD_LAST;
}
