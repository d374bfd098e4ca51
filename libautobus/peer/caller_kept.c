/* SPDX-License-Identifier: MIT
 * What a session asks while those above want no more of it. On a connection with several it is kept, in the frames that
 * it came in, so that the others are heard meanwhile; and heard in its order when the session is held no more. */
#include "peer/caller.h"

/* The frame is for a session that is held, or behind what was kept for it. Credit never waits: we wait for it. */
static bool has_to_wait(ab_caller *caller, unsigned kind, uint16_t number)
{
    if (!caller->is_shared || (caller->holds == 0 && caller->kept == 0))
        return false;
    if (kind == AB_FRAME_BIND || kind == AB_FRAME_GRANT || kind == AB_FRAME_PING ||
        kind == AB_FRAME_PONG)
        return false;
    const ab_session *session = ab_caller_session(caller, number);
    return session != NULL && (session->is_held || ab_buffer_length(&session->kept) > 0);
}

/* A message in several frames is put together where it lies, once. */
bool ab_caller_gets_stuck(ab_caller *caller)
{
    if (ab_buffer_length(caller->in) < AB_FRAME_HEADER)
        return false;
    ab_frame_head head = ab_frame_read_head(ab_buffer_bytes(caller->in));
    if ((head.flags & AB_FRAME_MORE) == 0)
        return false;
    caller->is_stuck = has_to_wait(caller, head.kind, head.session);
    return caller->is_stuck;
}

bool ab_caller_keep(ab_caller *caller, const ab_frame *frame, size_t length)
{
    if (!has_to_wait(caller, frame->kind, frame->session))
        return false;
    ab_session *session = ab_caller_session(caller, frame->session);
    ab_buffer_append(&session->kept, ab_buffer_bytes(caller->in), length);
    caller->kept += length;
    return true;
}

void ab_caller_drop_kept(ab_session *session)
{
    size_t length = ab_buffer_length(&session->kept);
    ab_buffer_consume(&session->kept, length);
    session->caller->kept -= length;
}

static bool may_be_heard(const ab_session *session, bool is_last)
{
    return ab_buffer_length(&session->kept) > 0 && (is_last || !session->is_held);
}

/* NULL: there is none. What is heard of one may end others. */
static ab_session *next_to_hear(ab_caller *caller, bool is_last)
{
    if (caller->kept == 0)
        return NULL;
    if (may_be_heard(&caller->first, is_last))
        return &caller->first;
    AB_LIST_FOR (each, &caller->sessions)
        if (may_be_heard(AB_CONTAINER(each, ab_session, place), is_last))
            return AB_CONTAINER(each, ab_session, place);
    return NULL;
}

/* The first that was kept for this session is taken out: hearing it may end the session, and what is kept for it. */
static void take_first(ab_session *session, ab_buffer *message)
{
    const char *first = ab_buffer_bytes(&session->kept);
    size_t length = AB_FRAME_HEADER + ab_frame_read_head(first).length;
    ab_buffer_append(message, first, length);
    ab_buffer_consume(&session->kept, length);
    session->caller->kept -= length;
}

/* It was right when it came. */
static ab_hearing hear_first(ab_session *session) AB_LOCKED
{
    ab_caller *caller = session->caller;
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_frame frame;
    size_t taken;
    const char *mistake;
    ab_buffer_init(&message);
    take_first(session, &message);
    (void)ab_frame_next(ab_buffer_bytes(&message), ab_buffer_length(&message),
                        caller->peers->limits.max_message, &frame, &taken, &mistake);
    mistake = ab_caller_obey(caller, &frame);
    if (mistake != NULL)
        return ab_caller_refuse(caller, mistake);
    return caller->bound > 0 || caller->is_doomed ? AB_HEARD : AB_HEARD_LAST;
}

ab_hearing ab_caller_hear_kept(ab_caller *caller, bool is_last)
{
    ab_hearing heard = AB_HEARD;
    ab_session *session;
    caller->is_stuck = false;
    caller->is_busy = true;
    while (heard == AB_HEARD && !caller->is_doomed && (is_last || !ab_caller_is_full(caller)) &&
           (session = next_to_hear(caller, is_last)) != NULL)
        heard = hear_first(session);
    ab_caller_flush(caller);
    caller->is_busy = false;
    ab_caller_ease(caller);
    return heard;
}
