/* SPDX-License-Identifier: MIT
 * What a session says to us in frames. Both sides are of us here: a mistake is no old habit, and ends the
 * connection with a sentence. */
#include <stdio.h>
#include <string.h>

#include "peer/session.h"
#include "wire/frames.h"

static ab_hearing refuse(ab_session *session, const char *mistake)
{
    char sentence[120];
    snprintf(sentence, sizeof sentence, "You sent %s.", mistake);
    session->codec->unbound(&session->peers->answers, sentence);
    return AB_HEARD_WRONG;
}

static void hear_ask(ab_session *session, ab_verb verb, const ab_frame *frame) AB_LOCKED
{
    const ab_peers *peers = session->peers;
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

/* What was wrong with it; NULL: nothing. */
static const char *hear(ab_session *session, const ab_frame *frame) AB_LOCKED
{
    switch (frame->kind) {
    case AB_FRAME_CALL: hear_ask(session, AB_VERB_CALL, frame); break;
    case AB_FRAME_WATCH: hear_ask(session, AB_VERB_WATCH, frame); break;
    case AB_FRAME_UNWATCH: hear_ask(session, AB_VERB_UNWATCH, frame); break;
    case AB_FRAME_LISTEN: hear_ask(session, AB_VERB_LISTEN, frame); break;
    case AB_FRAME_UNLISTEN: hear_ask(session, AB_VERB_UNLISTEN, frame); break;
    case AB_FRAME_PING:
        session->codec->response(&session->peers->answers,
                                 (ab_value){AB_KIND_NUMBER, frame->id_bytes}, NULL, (ab_slice){0});
        break;
    case AB_FRAME_PONG: break;
    case AB_FRAME_OPEN:
    case AB_FRAME_DATA:
    case AB_FRAME_BLOB:
    case AB_FRAME_CREDIT:
    case AB_FRAME_END:
    case AB_FRAME_CLOSE: return hear_channels(session, frame);
    default: return "a frame that only a service sends";
    }
    return NULL;
}

ab_hearing ab_session_hear_frame(ab_session *session, bool *is_more)
{
    ab_frame frame;
    size_t taken;
    const char *mistake;
    switch (ab_frame_next(ab_buffer_bytes(session->in), ab_buffer_length(session->in),
                          session->peers->limits.max_message, &frame, &taken, &mistake)) {
    case AB_FRAME_PART: return AB_HEARD;
    case AB_FRAME_WRONG: return refuse(session, mistake);
    case AB_FRAME_READY: break;
    }
    mistake = hear(session, &frame);
    if (mistake != NULL)
        return refuse(session, mistake);
    ab_buffer_consume(session->in, taken);
    *is_more = true;
    return AB_HEARD;
}
