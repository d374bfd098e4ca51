/* SPDX-License-Identifier: MIT
 * How what the sessions of a connection are told leaves it: while it is being heard in one piece at the end, else at
 * once; and what is put off until it reads. */
#include "peer/caller.h"

/* Above this no more questions are read. */
#define ANSWERS_MOST 65536

void ab_caller_flush(ab_caller *caller)
{
    ab_buffer *answers = &caller->peers->answers;
    size_t length = ab_buffer_length(answers);
    if (length > 0 && !caller->is_doomed) {
        caller->has_answered = true;
        ab_outbox_say(caller->at, ab_buffer_bytes(answers), length, true);
    }
    ab_buffer_consume(answers, length);
}

ab_buffer *ab_caller_collect(ab_caller *caller, ab_outbox *outbox)
{
    if (caller->at != outbox) {
        ab_caller_flush(caller);
        caller->at = outbox;
    }
    return &caller->peers->answers;
}

ab_outbox *ab_caller_own(ab_caller *caller)
{
    return caller->is_shared ? &caller->own : &caller->first.outbox;
}

void ab_caller_finish(ab_caller *caller)
{
    size_t most = caller->peers->limits.max_queued;
    ab_outbox_finish(&caller->first.outbox, most);
    AB_LIST_FOR (each, &caller->sessions)
        ab_outbox_finish(&AB_CONTAINER(each, ab_session, place)->outbox, most);
    ab_outbox_finish(&caller->own, most);
}

bool ab_caller_is_full(const ab_caller *caller)
{
    size_t in_this_turn = caller->is_busy ? ab_buffer_length(&caller->peers->answers) : 0;
    return in_this_turn + ab_outlet_waiting(&caller->outlet) > ANSWERS_MOST;
}

bool ab_caller_owes_much(const ab_caller *caller)
{
    bool is_held = caller->holds > 0 && !caller->is_shared;
    bool keeps_much = caller->is_stuck || caller->kept > caller->peers->limits.max_queued;
    return is_held || keeps_much || ab_caller_is_full(caller);
}

static void ease(ab_session *session) AB_LOCKED
{
    if (ab_session_owed(session) == 0)
        ab_channels_ease(session->channels);
    else
        session->caller->wants_room = true;
}

void ab_caller_ease(ab_caller *caller)
{
    if (!caller->wants_room)
        return;
    caller->wants_room = false;
    ease(&caller->first);
    AB_LIST_FOR (each, &caller->sessions)
        ease(AB_CONTAINER(each, ab_session, place));
}

void ab_caller_say_on(ab_caller *caller)
{
    ab_outlet_go_on(&caller->outlet);
    if (caller->is_paused && !ab_caller_owes_much(caller))
        ab_caller_pause(caller, false);
    ab_caller_ease(caller);
}
