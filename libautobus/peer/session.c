/* SPDX-License-Identifier: MIT
 * The life of a session: its channels, and its end, of which those above hear at once or, where we may be in the middle
 * of telling many, from the bus thread. */
#include "peer/session.h"

#include <stdio.h>

#include "peer/caller.h"

void ab_session_init(ab_session *session, ab_caller *caller, uint16_t number)
{
    ab_list_init(&session->place);
    session->caller = caller;
    session->number = number;
    ab_outbox_init(&session->outbox, &caller->outlet, number);
    ab_buffer_init(&session->kept);
}

/* Channels. */

/* What is not weighed answers what was read, and no more is read while answers pile up. */
static void send_for_channels(void *owner, const ab_buffer *messages, bool is_weighed) AB_LOCKED
{
    ab_session_say(owner, messages, !is_weighed);
}

static size_t room_for_channels(void *owner)
{
    const ab_session *session = owner;
    ab_caller *caller = session->caller;
    size_t owed = ab_session_owed(session), most = caller->peers->limits.max_queued;
    if (owed == 0)
        return SIZE_MAX;
    caller->wants_room = true;
    return most - AB_MIN(owed, most);
}

static bool offer_channel(void *owner, autobus_channel *offered, ab_slice name, bool is_stream)
{
    ab_session *session = owner;
    const ab_peers *peers = session->caller->peers;
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
    const ab_peers *peers = session->caller->peers;
    const ab_peer_limits *limits = &peers->limits;
    if (session->channels == NULL && peers->ops->offered != NULL) {
        session->channels =
            ab_channels_new(session->caller->codec, &channels_ops, session, limits->max_channels,
                            limits->window, limits->max_message);
        ab_channels_offer(session->channels, peers->seat);
    }
    return session->channels;
}

void ab_session_close_channels(ab_session *session, const char *sentence)
{
    ab_channels *channels = session->channels;
    session->channels = NULL;
    ab_channels_free(channels, AUTOBUS_CLOSED, sentence);
}

/* Its end. */

static void unbind(ab_session *session) AB_LOCKED
{
    const ab_peers *peers = session->caller->peers;
    void *context = session->context;
    session->context = NULL;
    if (context != NULL)
        peers->ops->unbound(peers->owner, session, context);
}

/* The connection has one session less. What it has not said, it will not say. */
static void part(ab_session *session) AB_LOCKED
{
    ab_caller *caller = session->caller;
    ab_session_hold(session, false);
    ab_caller_drop_kept(session);
    ab_outbox_clear(&session->outbox);
    session->is_over = true;
    caller->bound--;
    if (caller->at == &session->outbox)
        caller->at = ab_caller_own(caller);
    if (session->number != 0) {
        ab_map_take(&caller->by_number, &session->number, sizeof session->number);
        ab_list_remove(&session->place);
        ab_list_append(&caller->over, &session->place);
        ab_peers_leave_seat(caller->peers, caller->host);
    }
}

static void say_unbound(ab_session *session, const char *sentence) AB_LOCKED
{
    const ab_caller *caller = session->caller;
    AB_SCOPED(ab_buffer_fini) ab_buffer message;
    ab_buffer_init(&message);
    if (!caller->is_autobus || !caller->is_bound)
        return;
    caller->codec->unbound(&message, sentence);
    if (session->number != 0)
        ab_frames_name_session(ab_buffer_bytes(&message), ab_buffer_length(&message),
                               session->number);
    ab_stream_write(caller->stream, ab_buffer_bytes(&message), ab_buffer_length(&message));
}

void ab_session_doom(ab_session *session, const char *sentence)
{
    ab_caller *caller = session->caller;
    size_t most = caller->peers->limits.max_queued;
    ab_outbox_finish(&session->outbox, most);
    if (caller->bound == 1)
        ab_outbox_finish(&caller->own, most);
    say_unbound(session, sentence);
    part(session);
    ab_session_close_channels(session, sentence);
    if (caller->bound == 0)
        ab_caller_doom(caller);
    ab_loop_post(caller->peers->loop, &caller->soon);
}

void ab_session_drop(ab_session *session)
{
    char sentence[100];
    ab_caller *caller = session->caller;
    snprintf(sentence, sizeof sentence, "You read too slowly: more than %zu bytes wait for you.",
             caller->peers->limits.max_queued);
    if (caller->is_busy && caller->at == &session->outbox)
        ab_buffer_truncate(&caller->peers->answers, 0);
    ab_outbox_clear(&session->outbox);
    ab_session_doom(session, sentence);
}

void ab_session_dismiss(ab_session *session, const char *sentence)
{
    if (!session->is_over) {
        if (session->caller->is_busy)
            ab_caller_flush(session->caller);
        ab_session_doom(session, sentence);
    }
    unbind(session);
}

void ab_session_leave(ab_session *session)
{
    ab_caller *caller = session->caller;
    ab_caller_flush(caller);
    part(session);
    ab_session_close_channels(session, "The client is gone.");
    unbind(session);
    ab_loop_post(caller->peers->loop, &caller->soon);
}

void ab_session_end(ab_session *session)
{
    if (!session->is_over)
        part(session);
    ab_session_close_channels(session, "The client is gone.");
    unbind(session);
}
