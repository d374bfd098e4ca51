/* SPDX-License-Identifier: MIT
 * What a link says and hears once it is bound: calls, each of which it completes exactly once, subscriptions, news,
 * channels. What it says is held against what the other side has not read yet. */
#include <stdlib.h>

#include "base/error.h"
#include "peer/channel.h"
#include "peer/link_state.h"
#include "wire/frames.h"

/* Calls. */

bool ab_link_complete(ab_link *link, uint64_t id, autobus_result result, ab_slice value,
                      ab_slice error)
{
    ab_call *call = ab_calls_take(&link->calls, id);
    if (call == NULL)
        return false;
    if (link->trunk != NULL) /* it may be closed in a completion of its end */
        ab_trunk_count_call(link->trunk, false);
    call->done(call, result, value, error);
    return true;
}

/* What a completion does may forget others. */
void ab_link_complete_all(ab_link *link, const char *sentence)
{
    size_t count = link->calls.count;
    uint64_t *ids AB_SCOPED(ab_free_ptr) = ab_calls_numbers(&link->calls);
    for (size_t i = 0; i < count; i++)
        ab_link_complete(link, ids[i], AUTOBUS_CLOSED, (ab_slice){0}, ab_slice_of(sentence));
}

/* How many bytes it may say beside its own that wait; SIZE_MAX while nothing waits. */
static size_t room_of(const ab_link *link)
{
    ab_trunk *trunk = link->trunk;
    size_t queued = ab_trunk_pending(trunk), most = link->limits.max_queued;
    if (queued == 0)
        return SIZE_MAX;
    trunk->is_tight = true;
    size_t own = link->era == trunk->era ? AB_MIN(link->said, queued) : 0;
    return most - AB_MIN(own, most);
}

static void note_said(ab_link *link, size_t length)
{
    if (link->era != link->trunk->era)
        link->said = 0;
    link->era = link->trunk->era;
    link->said += length;
}

/* What was just written becomes this link's. */
static void name(ab_link *link, size_t before)
{
    ab_buffer *out = &link->trunk->out;
    if (link->session != 0)
        ab_frames_name_session(ab_buffer_bytes(out) + before, ab_buffer_length(out) - before,
                               link->session);
}

/* `call` NULL: no answer is wanted. TOO_LARGE, BUSY: it is not said. */
static autobus_result say_call(ab_link *link, const ab_call *call, ab_slice function,
                               ab_slice arguments) AB_LOCKED
{
    ab_trunk *trunk = link->trunk;
    size_t before = ab_buffer_length(&trunk->out), queued = ab_trunk_pending(trunk);
    size_t room = room_of(link);
    size_t most = link->limits.max_message;
    if (function.length <= most && arguments.length <= most)
        trunk->codec->call(&trunk->out, call != NULL ? call->id : 0, function, arguments);
    size_t length = ab_buffer_length(&trunk->out) - before;
    if (length == 0 || length - trunk->codec->around > most) {
        ab_buffer_truncate(&trunk->out, before);
        return ab_fail(AUTOBUS_TOO_LARGE, "the call of %.*s is longer than %zu bytes",
                       (int)AB_MIN(function.length, (size_t)100), function.bytes, most);
    }
    if (length > room) {
        ab_buffer_truncate(&trunk->out, before);
        return ab_fail(AUTOBUS_BUSY, "%zu bytes wait already for %s, which does not read them",
                       queued, ab_link_place(link));
    }
    name(link, before);
    note_said(link, length);
    ab_trunk_said(trunk, call != NULL && call->is_urgent);
    return AUTOBUS_OK;
}

autobus_result ab_link_call(ab_link *link, ab_call *call, ab_slice name, ab_slice arguments)
{
    if (link->stage != AB_LINK_BOUND)
        return ab_fail(AUTOBUS_CLOSED, "the connection to %s is %s", ab_link_place(link),
                       link->stage == AB_LINK_ENDED ? "closed" : "not bound yet");
    if (call == NULL)
        return say_call(link, NULL, name, arguments);
    if (link->calls.count >= link->limits.max_calls)
        return ab_fail(AUTOBUS_BUSY, "%zu calls to %s are under way, and no more are allowed",
                       link->calls.count, ab_link_place(link));
    call->id = ++link->trunk->last_id;
    autobus_result result = say_call(link, call, name, arguments);
    if (result != AUTOBUS_OK)
        return result;
    ab_calls_put(&link->calls, call);
    ab_trunk_count_call(link->trunk, true);
    return AUTOBUS_OK;
}

void ab_link_forget(ab_link *link, ab_call *call)
{
    if (ab_calls_take(&link->calls, call->id) != NULL)
        ab_trunk_count_call(link->trunk, false);
}

/* Subscriptions. */

static void subscribe(ab_link *link, ab_verb verb, ab_slice to) AB_LOCKED
{
    ab_trunk *trunk = link->trunk;
    if (link->stage != AB_LINK_BOUND)
        return;
    size_t before = ab_buffer_length(&trunk->out);
    trunk->codec->subscribe(&trunk->out, verb, to);
    name(link, before);
    ab_trunk_said_aside(trunk, before);
}

void ab_link_watch(ab_link *link, ab_slice name, bool is_on)
{
    subscribe(link, is_on ? AB_VERB_WATCH : AB_VERB_UNWATCH, name);
}

void ab_link_listen(ab_link *link, ab_slice name, bool is_on)
{
    subscribe(link, is_on ? AB_VERB_LISTEN : AB_VERB_UNLISTEN, name);
}

/* News. */

static void grant(ab_link *link, size_t bytes) AB_LOCKED
{
    ab_trunk *trunk = link->trunk;
    size_t before = ab_buffer_length(&trunk->out);
    ab_frames_write_grant(&trunk->out, link->session, bytes);
    ab_trunk_said_aside(trunk, before);
}

static void block(ab_link *link, bool is_blocking) AB_LOCKED
{
    if (link->is_blocking == is_blocking)
        return;
    link->is_blocking = is_blocking;
    ab_trunk_pause(link->trunk, is_blocking);
}

/* More is granted while the program keeps up. Nobody is believed to keep to it: from who has sent twice as much no more
 * is read. (What was on its way when the link began to be metered was not paid for.) */
void ab_link_settle(ab_link *link)
{
    size_t owed = link->owed, most = 2 * ab_link_credit(link) + link->limits.max_message;
    block(link, link->is_paused && (!link->is_metered || owed > most));
    if (link->is_paused || !link->is_metered || owed < ab_link_credit(link) / 2)
        return;
    link->owed = 0;
    grant(link, owed);
}

static void meter(ab_link *link) AB_LOCKED
{
    if (link->is_metered)
        return;
    link->is_metered = true;
    grant(link, ab_link_credit(link));
}

void ab_link_say_bind(ab_link *link)
{
    ab_trunk *trunk = link->trunk;
    const char *service = link->service != NULL ? link->service : "autobus";
    if (trunk->first != NULL)
        meter(trunk->first);
    size_t before = ab_buffer_length(&trunk->out);
    ab_frames_write_bind(&trunk->out, link->session, ab_slice_of(service), ab_link_credit(link));
    link->is_metered = true;
    ab_trunk_said_aside(trunk, before);
}

void ab_link_pause(ab_link *link, bool is_paused)
{
    if (link->stage != AB_LINK_BOUND || link->is_paused == is_paused)
        return;
    link->is_paused = is_paused;
    ab_link_settle(link);
}

/* Channels. */

static void channels_send(void *owner, const ab_buffer *messages, bool is_weighed) AB_LOCKED
{
    ab_link *link = owner;
    ab_trunk *trunk = link->trunk;
    if (link->stage != AB_LINK_BOUND)
        return;
    note_said(link, ab_buffer_length(messages));
    if (link->session == 0 && is_weighed && ab_trunk_pass(trunk, messages))
        return;
    size_t before = ab_buffer_length(&trunk->out);
    ab_buffer_append(&trunk->out, ab_buffer_bytes(messages), ab_buffer_length(messages));
    name(link, before);
    if (is_weighed)
        ab_trunk_said(trunk, false);
    else
        ab_trunk_said_aside(trunk, before);
}

static size_t channels_room(void *owner)
{
    return room_of(owner);
}

static unsigned channels_pour(void *owner, struct iovec *halves, unsigned messages) AB_LOCKED
{
    ab_link *link = owner;
    if (link->stage != AB_LINK_BOUND)
        return 0;
    for (unsigned i = 0; link->session != 0 && i < messages; i++)
        ab_frames_name_session(halves[2 * i].iov_base, halves[2 * i].iov_len, link->session);
    return ab_trunk_pour(link->trunk, halves, messages);
}

static const ab_channels_ops channels_ops = {
    .send = channels_send,
    .room = channels_room,
    .pour = channels_pour,
};

void ab_link_open_channels(ab_link *link)
{
    link->channels =
        ab_channels_new(link->trunk->codec, &channels_ops, link, link->limits.max_channels,
                        link->limits.window, link->limits.max_message);
}
