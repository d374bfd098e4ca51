/* SPDX-License-Identifier: MIT
 * The life of a link: dialled, bound, over. Keeps the calls under way and completes each exactly once. What
 * is said is link_say.c's, what is heard link_lines.c's. */
#include "peer/link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "net/unix_socket.h"
#include "peer/channel.h"
#include "peer/link_state.h"
#include "peer/reading.h"

/* What was said before a link is closed has this long to leave. */
#define FAREWELL AB_MS(2000)

const char *ab_link_place(const ab_link *link)
{
    static _Thread_local char text[AB_ADDRESS_TEXT];
    return ab_address_text(&link->at, text);
}

static void free_link(ab_link *link)
{
    ab_calls_fini(&link->calls);
    ab_buffer_fini(&link->out);
    ab_buffer_fini(&link->room);
    free(link->service);
    free(link->reason);
    free(link);
}

static void enter(ab_link *link)
{
    link->calls_above++;
}

static void dial_by_tcp(ab_link *link) AB_LOCKED;

/* As if the unix socket had not been there; the time for binding runs on. */
static void turn_to_tcp(ab_link *link) AB_LOCKED
{
    link->is_misled = false;
    link->near = 0;
    link->in = NULL;
    link->searched = 0;
    ab_stream_close(link->stream);
    dial_by_tcp(link);
}

static void leave(ab_link *link) AB_LOCKED
{
    if (--link->calls_above > 0)
        return;
    if (link->is_closed)
        free_link(link);
    else if (link->is_misled)
        turn_to_tcp(link);
}

/* Calls. */

bool ab_link_complete(ab_link *link, uint64_t id, autobus_result result, ab_slice value,
                      ab_slice error)
{
    ab_call *call = ab_calls_take(&link->calls, id);
    if (call == NULL)
        return false;
    if (link->calls.count == 0)
        ab_pulse_wait(&link->pulse, false);
    call->done(call, result, value, error);
    return true;
}

/* In the order they were made. What a completion does may forget others. */
static void complete_all(ab_link *link, const char *sentence) AB_LOCKED
{
    size_t count = link->calls.count;
    uint64_t *ids AB_SCOPED(ab_free_ptr) = ab_calls_numbers(&link->calls);
    for (size_t i = 0; i < count; i++)
        ab_link_complete(link, ids[i], AUTOBUS_CLOSED, (ab_slice){0}, ab_slice_of(sentence));
}

static autobus_result fail_unbound(const ab_link *link)
{
    return ab_fail(AUTOBUS_CLOSED, "the connection to %s is %s", ab_link_place(link),
                   link->stage == AB_LINK_ENDED ? "closed" : "not bound yet");
}

autobus_result ab_link_call(ab_link *link, ab_call *call, ab_slice name, ab_slice arguments)
{
    if (link->stage != AB_LINK_BOUND)
        return fail_unbound(link);
    if (call == NULL)
        return ab_link_say_call(link, NULL, name, arguments);
    if (link->calls.count >= link->limits.max_calls)
        return ab_fail(AUTOBUS_BUSY, "%zu calls to %s are under way, and no more are allowed",
                       link->calls.count, ab_link_place(link));
    call->id = ++link->last_id;
    autobus_result result = ab_link_say_call(link, call, name, arguments);
    if (result != AUTOBUS_OK)
        return result;
    ab_calls_put(&link->calls, call);
    ab_pulse_wait(&link->pulse, true);
    return AUTOBUS_OK;
}

void ab_link_forget(ab_link *link, ab_call *call)
{
    if (ab_calls_take(&link->calls, call->id) != NULL && link->calls.count == 0)
        ab_pulse_wait(&link->pulse, false);
}

ab_reader *ab_link_reader(ab_link *link)
{
    if (link->stage == AB_LINK_BOUND && link->reader == NULL)
        link->reader = ab_reader_of_stream(link->stream);
    return link->reader;
}

/* The end. */

/* Everything but the memory and the owner. `is_polite`: what was said still leaves. */
static void dismantle(ab_link *link, autobus_result why, const char *sentence, bool is_polite)
    AB_LOCKED
{
    ab_stream *stream = link->stream;
    bool was_bound = link->stage == AB_LINK_BOUND;
    link->stage = AB_LINK_ENDED;
    link->stream = NULL;
    ab_loop_timer_stop(link->loop, &link->deadline);
    ab_task_cancel(&link->overflow);
    ab_knock_end(&link->knock);
    ab_pulse_stop(&link->pulse);
    complete_all(link, sentence);
    if (link->channels != NULL)
        ab_channels_free(link->channels, why, sentence);
    link->channels = NULL;
    ab_reader_close(link->reader);
    link->reader = NULL;
    if (is_polite && was_bound) {
        ab_stream_write(stream, ab_buffer_bytes(&link->out), ab_buffer_length(&link->out));
        ab_stream_close_gently(stream, FAREWELL);
    } else {
        ab_stream_close(stream);
    }
}

void ab_link_end(ab_link *link, autobus_result why, const char *sentence)
{
    if (link->stage == AB_LINK_ENDED || link->is_misled)
        return;
    if (link->near != 0 && link->stage != AB_LINK_BOUND && why != AUTOBUS_TIMEOUT) {
        ab_log(AB_LOG_DEBUG, "not over the unix socket: %s", sentence);
        link->is_misled = true;
        return;
    }
    char *own AB_SCOPED(ab_free_ptr) = ab_strdup(sentence);
    enter(link);
    dismantle(link, why, own, false);
    if (!link->is_closed)
        link->ops->ended(link->owner, why, own);
    leave(link);
}

void ab_link_close(ab_link *link, const char *sentence)
{
    if (link == NULL || link->is_closed)
        return;
    link->is_closed = true;
    enter(link);
    if (link->stage != AB_LINK_ENDED)
        dismantle(link, AUTOBUS_CLOSED, sentence, true);
    leave(link);
}

static void end_with_error(ab_link *link, int error) AB_LOCKED
{
    char *sentence AB_SCOPED(ab_free_ptr) = NULL;
    autobus_result why = AUTOBUS_CLOSED;
    const char *place = ab_link_place(link);
    if (link->stage == AB_LINK_CONNECTING) {
        why = AUTOBUS_FAILED;
        sentence = ab_format("%s cannot be reached: %s", place, strerror(error));
    } else if (link->stage == AB_LINK_BINDING && error != 0) {
        why = AUTOBUS_FAILED;
        sentence = ab_format("%s did not let us bind: %s", place, strerror(error));
    } else if (link->stage == AB_LINK_BINDING) {
        why = AUTOBUS_NOT_FOUND;
        sentence = ab_format("%s refused the bind: it closed the connection", place);
    } else if (link->reason != NULL) {
        sentence = ab_format("%s closed the connection: %s", place, link->reason);
    } else if (error != 0) {
        sentence = ab_format("the connection to %s broke: %s", place, strerror(error));
    } else {
        sentence = ab_format("%s closed the connection", place);
    }
    ab_link_end(link, why, sentence);
}

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(timer, ab_link, deadline);
    const char *what =
        link->stage == AB_LINK_CONNECTING ? "accept the connection" : "answer the bind";
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s did not %s within %" PRId64 " ms", ab_link_place(link), what,
                  link->limits.connect / 1000);
    ab_link_end(link, AUTOBUS_TIMEOUT, sentence);
}

static void give_up_on_reader(ab_task *task) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(task, ab_link, overflow);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s does not read: more than %zu bytes wait for it", ab_link_place(link),
                  link->limits.max_queued);
    ab_link_end(link, AUTOBUS_CLOSED, sentence);
}

/* The stream. */

static void link_connected(void *owner) AB_LOCKED
{
    ab_link *link = owner;
    link->stage = AB_LINK_BINDING;
}

/* On the bus thread, or on one that waits for an answer. */
static void link_received(void *owner, ab_buffer *in) AB_LOCKED
{
    ab_link *link = owner;
    enter(link);
    ab_pulse_heard(&link->pulse);
    ab_link_hear(link, in);
    leave(link);
}

static void link_drained(void *owner) AB_LOCKED
{
    ab_link_eased(owner);
}

static void link_ended(void *owner, int error) AB_LOCKED
{
    ab_link *link = owner;
    enter(link);
    if (error == 0)
        ab_link_hear_rest(link);
    end_with_error(link, error);
    leave(link);
}

static const ab_stream_ops stream_ops = {
    .connected = link_connected,
    .received = link_received,
    .ended = link_ended,
    .drained = link_drained,
};

/* The pulse. */

static void pulse_ping(ab_pulse *pulse) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(pulse, ab_link, pulse);
    ab_link_say_ping(link, ++link->last_id);
}

static void pulse_responsive(ab_pulse *pulse, bool is_responsive) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(pulse, ab_link, pulse);
    link->ops->responsive(link->owner, is_responsive);
}

static void pulse_dead(ab_pulse *pulse, bool is_vanished) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(pulse, ab_link, pulse);
    char *sentence AB_SCOPED(ab_free_ptr) =
        is_vanished ? ab_format("%s has vanished: its host acknowledges nothing any more",
                                ab_link_place(link))
                    : ab_format("%s has said nothing for %" PRId64 " ms", ab_link_place(link),
                                link->limits.silence / 1000);
    ab_link_end(link, AUTOBUS_CLOSED, sentence);
}

static const ab_pulse_ops pulse_ops = {pulse_ping, pulse_responsive, pulse_dead};

/* The channels. */

static void channels_send(void *owner, const ab_buffer *messages, bool is_weighed) AB_LOCKED
{
    ab_link_say_messages(owner, messages, is_weighed);
}

static size_t channels_room(void *owner)
{
    return ab_link_room(owner);
}

static unsigned channels_pour(void *owner, struct iovec *halves, unsigned messages) AB_LOCKED
{
    return ab_link_pour(owner, halves, messages);
}

static const ab_channels_ops channels_ops = {
    .send = channels_send,
    .room = channels_room,
    .pour = channels_pour,
};

/* The beginning. */

void ab_link_become_bound(ab_link *link, bool is_autobus)
{
    link->stage = AB_LINK_BOUND;
    link->is_autobus = is_autobus;
    free(link->service);
    link->service = NULL;
    ab_loop_timer_stop(link->loop, &link->deadline);
    ab_pulse_start(&link->pulse, link->loop, link->stream, &pulse_ops, is_autobus,
                   link->limits.unresponsive, link->limits.silence);
    link->channels = ab_channels_new(link->codec, &channels_ops, link, link->limits.max_channels,
                                     link->limits.window, link->limits.max_message);
    link->ops->bound(link->owner);
}

static void dial_by_tcp(ab_link *link)
{
    link->stage = AB_LINK_CONNECTING;
    link->stream = ab_stream_dial(link->loop, &link->at, &stream_ops, link);
    ab_link_say_bind(link, link->service);
}

/* Such a connection is there at once or not at all. */
static bool dial_by_unix(ab_link *link, const char *folder, uint64_t bus) AB_LOCKED
{
    int fd = folder != NULL && bus != 0 ? ab_unix_socket_dial(folder, bus) : -1;
    if (fd < 0)
        return false;
    link->near = bus;
    link->stage = AB_LINK_BINDING;
    link->stream = ab_stream_adopt(link->loop, fd, &stream_ops, link);
    ab_link_say_bind(link, link->service);
    return true;
}

ab_link *ab_link_dial(ab_loop *loop, const ab_address *at, const char *service,
                      const ab_link_limits *limits, const ab_link_ops *ops, void *owner)
{
    return ab_link_dial_near(loop, NULL, 0, at, service, limits, ops, owner);
}

ab_link *ab_link_dial_near(ab_loop *loop, const char *folder, uint64_t bus, const ab_address *at,
                           const char *service, const ab_link_limits *limits,
                           const ab_link_ops *ops, void *owner)
{
    ab_link *link = ab_alloc(1, sizeof *link);
    link->loop = loop;
    link->at = *at;
    link->limits = *limits;
    link->codec = &ab_codec_lines;
    link->ops = ops;
    link->owner = owner;
    ab_calls_init(&link->calls);
    ab_buffer_init(&link->out);
    ab_buffer_init(&link->room);
    ab_task_init(&link->overflow, give_up_on_reader);
    ab_timer_init(&link->deadline, lose_patience);
    ab_loop_timer_start_in(loop, &link->deadline, limits->connect);
    link->service = service != NULL ? ab_strdup(service) : NULL;
    if (!dial_by_unix(link, folder, bus))
        dial_by_tcp(link);
    return link;
}

bool ab_link_is_near(const ab_link *link)
{
    return link->near != 0;
}

bool ab_link_is_bound(const ab_link *link)
{
    return link->stage == AB_LINK_BOUND;
}

bool ab_link_is_autobus(const ab_link *link)
{
    return link->is_autobus;
}

void ab_link_watch(ab_link *link, ab_slice name, bool is_on)
{
    if (link->stage == AB_LINK_BOUND)
        ab_link_say_subscribe(link, is_on ? AB_VERB_WATCH : AB_VERB_UNWATCH, name);
}

void ab_link_listen(ab_link *link, ab_slice name, bool is_on)
{
    if (link->stage == AB_LINK_BOUND)
        ab_link_say_subscribe(link, is_on ? AB_VERB_LISTEN : AB_VERB_UNLISTEN, name);
}

void ab_link_pause(ab_link *link, bool is_paused)
{
    if (link->stage != AB_LINK_BOUND || link->is_paused == is_paused)
        return;
    link->is_paused = is_paused;
    ab_stream_pause(link->stream, is_paused);
    ab_pulse_pause(&link->pulse, is_paused);
}

static void door_is_gone(ab_knock *knock) AB_LOCKED
{
    ab_link *link = AB_CONTAINER(knock, ab_link, knock);
    char *sentence AB_SCOPED(ab_free_ptr) =
        ab_format("%s is gone: nobody accepts there any more", ab_link_place(link));
    ab_link_end(link, AUTOBUS_CLOSED, sentence);
}

/* Old servers answer pings too; and what is no longer there lets its kernel say so: at once in answer to a knock,
 * while our own bytes wait longer and longer to be sent again. */
void ab_link_doubt(ab_link *link)
{
    if (link->stage != AB_LINK_BOUND)
        return;
    ab_pulse_ask(&link->pulse);
    link->knock.refused = door_is_gone;
    ab_knock_begin(&link->knock, link->loop, &link->at);
}

ab_channels *ab_link_channels(ab_link *link)
{
    return link->channels;
}
