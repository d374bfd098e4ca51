/* SPDX-License-Identifier: MIT
 * Lines from one side's buffer into the other side's channels. */
#include "unit/peer/pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/eventually.h"
#include "wire/lines.h"

AB_UNCHECKED void pair_lock(pair *at)
{
    ab_lock_take(at->seat.lock);
}

AB_UNCHECKED void pair_unlock(pair *at)
{
    ab_lock_drop(at->seat.lock);
}

static void send_lines(void *owner, const ab_buffer *lines, bool is_weighed)
{
    side *from = owner;
    (void)is_weighed;
    size_t length = ab_buffer_length(lines), used = strlen(from->log);
    ab_buffer_append(&from->out, ab_buffer_bytes(lines), length);
    if (used + length < sizeof from->log)
        memcpy(from->log + used, ab_buffer_bytes(lines), length);
}

static bool offered(void *owner, autobus_channel *channel, ab_slice name, bool is_stream)
{
    side *to = owner;
    cr_assert(ab_slice_is(name, ab_channel_name(channel)));
    (void)is_stream;
    if (to->at->answer == PAIR_KNOWS_NONE)
        return false;
    to->at->offered[to->at->offers++] = channel;
    return true;
}

static size_t room(void *owner)
{
    const side *from = owner;
    return from->room;
}

static const ab_channels_ops client_ops = {.send = send_lines, .room = room};
static const ab_channels_ops server_ops = {.send = send_lines, .offered = offered, .room = room};

static void seat_free(ab_seat *seat)
{
    AB_CONTAINER(seat, pair, seat)->is_seat_free = true;
}

static void open_side(pair *at, side *one, side *other, const ab_channels_ops *ops)
{
    one->at = at;
    one->other = other;
    one->room = SIZE_MAX;
    one->channels = ab_channels_new(&ab_codec_lines, ops, one, PAIR_MOST, PAIR_WINDOW, 65536);
}

pair *pair_open(bool has_thread)
{
    pair *at = ab_alloc(1, sizeof *at);
    ab_seat_init(&at->seat, seat_free);
    ab_clock_fake_init(&at->clock, AB_MS(1000));
    at->seat.loop = ab_loop_new(has_thread ? NULL : &at->clock.clock, NULL, NULL);
    at->seat.lock = ab_loop_lock(at->seat.loop);
    at->seat.deliveries = ab_deliveries_new(at->seat.loop, !has_thread);
    at->has_thread = has_thread;
    pair_lock(at);
    open_side(at, &at->client, &at->server, &client_ops);
    open_side(at, &at->server, &at->client, &server_ops);
    ab_channels_offer(at->server.channels, &at->seat);
    pair_unlock(at);
    if (has_thread)
        cr_assert_eq(ab_loop_start(at->seat.loop), AUTOBUS_OK);
    return at;
}

void pair_break(pair *at, autobus_result why, const char *sentence)
{
    pair_lock(at);
    ab_channels_free(at->client.channels, why, sentence);
    at->client.channels = NULL;
    ab_channels_free(at->server.channels, why, sentence);
    at->server.channels = NULL;
    pair_unlock(at);
}

void pair_close(pair *at)
{
    pair_break(at, AUTOBUS_CLOSED, "The test is over.");
    if (at->has_thread)
        (void)ab_loop_stop(at->seat.loop);
    ab_deliveries_finish(at->seat.deliveries);
    ab_seat_unref(&at->seat);
    cr_assert(at->is_seat_free, "%u references are left", atomic_load(&at->seat.references));
    pair_lock(at);
    ab_deliveries_free(at->seat.deliveries);
    pair_unlock(at);
    ab_loop_free(at->seat.loop);
    ab_buffer_fini(&at->client.out);
    ab_buffer_fini(&at->server.out);
    free(at);
}

static void hear_line(side *to, ab_slice line)
{
    ab_message message;
    cr_assert(ab_message_read(&message, line), "%.*s", (int)line.length, line.bytes);
    if (to->channels != NULL)
        cr_assert(ab_channels_hear(to->channels, &message), "%.*s", (int)line.length, line.bytes);
}

void pair_say(side *to, const char *line)
{
    pair_lock(to->at);
    hear_line(to, ab_slice_of(line));
    pair_unlock(to->at);
}

/* False: there was nothing. */
static bool carry_from(side *from)
{
    ab_buffer lines = from->out;
    ab_buffer_init(&from->out);
    size_t searched = 0, taken;
    ab_slice line, all = {ab_buffer_bytes(&lines), ab_buffer_length(&lines)};
    bool has_any = all.length > 0;
    for (; ab_line_next(all, SIZE_MAX / 2, &searched, &line, &taken) == AB_LINE_READY;
         searched = 0) {
        all.bytes += taken;
        all.length -= taken;
        hear_line(from->other, line);
    }
    ab_buffer_fini(&lines);
    return has_any;
}

void pair_carry(pair *at)
{
    pair_lock(at);
    bool goes_on = true;
    while (goes_on) {
        goes_on = carry_from(&at->client);
        goes_on = carry_from(&at->server) || goes_on;
    }
    pair_unlock(at);
}

static void answer_one(pair *at, autobus_channel *channel)
{
    autobus_channel *borrowed = channel;
    if (at->answer == PAIR_ACCEPTS) {
        ear *who = at->next_ear++;
        who->at = at;
        who->channel = channel;
        cr_expect_eq(ab_channel_accept(channel, ear_hear, who, ear_free), AUTOBUS_OK);
    } else if (at->answer == PAIR_CLOSES) {
        ab_channel_close(channel, "Not today.");
    } else if (at->answer == PAIR_FREES) {
        ab_channel_free(borrowed);
    }
    pair_lock(at);
    ab_channel_settle(channel, "Nobody wanted it.");
    pair_unlock(at);
}

static autobus_channel *take_offered(pair *at)
{
    pair_lock(at);
    autobus_channel *last =
        at->answer != PAIR_WAITS && at->offers > 0 ? at->offered[--at->offers] : NULL;
    pair_unlock(at);
    return last;
}

void pair_settle(pair *at)
{
    for (autobus_channel *each; (each = take_offered(at)) != NULL;)
        answer_one(at, each);
}

void pair_run(pair *at)
{
    int ran = 1;
    while (ran > 0 || ab_buffer_length(&at->client.out) > 0 ||
           ab_buffer_length(&at->server.out) > 0) {
        pair_carry(at);
        pair_settle(at);
        ran = ab_deliveries_dispatch(at->seat.deliveries);
    }
}

static void note(ear *who, const autobus_message *message)
{
    char text[200];
    size_t length;
    switch (autobus_message_kind(message)) {
    case AUTOBUS_OPENED: snprintf(text, sizeof text, "opened"); break;
    case AUTOBUS_DATA:
        snprintf(text, sizeof text, "data %.100s", autobus_message_text(message, NULL));
        break;
    case AUTOBUS_BLOB:
        (void)autobus_message_bytes(message, &length);
        snprintf(text, sizeof text, "blob %zu", length);
        break;
    case AUTOBUS_WRITABLE: snprintf(text, sizeof text, "writable"); break;
    case AUTOBUS_ENDED: snprintf(text, sizeof text, "ended"); break;
    default:
        snprintf(text, sizeof text, "closed %s: %s",
                 autobus_result_text(autobus_message_result(message)),
                 autobus_message_error(message));
    }
    size_t used = strlen(who->heard);
    snprintf(who->heard + used, sizeof who->heard - used, "%s%s", used > 0 ? ", " : "", text);
}

void ear_hear(void *userdata, const autobus_message *message)
{
    ear *who = userdata;
    size_t length;
    cr_assert_eq(atomic_load(&who->frees), 0, "called after its hook");
    cr_assert_not(atomic_load(&who->is_over), "called after CLOSED_NOW");
    note(who, message);
    (void)autobus_message_bytes(message, &length);
    atomic_fetch_add(&who->bytes, length);
    if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        atomic_store(&who->is_over, true);
    if (who->also != NULL)
        who->also(who, message);
    atomic_fetch_add(&who->count, 1);
}

void ear_free(void *userdata)
{
    ear *who = userdata;
    atomic_fetch_add(&who->frees, 1);
}

autobus_result pair_try_open(pair *at, ear *with, const char *name, bool is_stream,
                             const char *argument)
{
    ab_text *service = ab_text_new("lamp-1", 6);
    with->at = at;
    ab_hearer *hearer = ab_hearer_new(&at->seat, ear_hear, with, ear_free);
    pair_lock(at);
    autobus_result result =
        ab_channel_open(&at->seat, at->client.channels, service, ab_slice_of(name), is_stream,
                        ab_slice_of(argument), hearer, &with->channel);
    pair_unlock(at);
    ab_text_unref(service);
    return result;
}

void pair_connect(pair *at, ear *here, ear *there, bool is_stream)
{
    at->next_ear = there;
    cr_assert_eq(pair_try_open(at, here, "chat", is_stream, "null"), AUTOBUS_OK);
    pair_carry(at);
    pair_settle(at);
    pair_carry(at);
    if (!at->has_thread)
        pair_run(at);
    cr_assert_not_null(there->channel);
}

autobus_result pair_send(const ear *from, const char *value)
{
    return ab_channel_send(from->channel, ab_slice_of(value));
}

/* Its hook runs on the bus thread, and what is on the stack of a test may be gone before. */
static void wait_for_hook(const ear *who)
{
    EVENTUALLY(who->at == NULL || atomic_load(&who->frees) > 0);
}

void pair_leave(pair *at, ear *here, ear *there)
{
    if (here->channel != NULL)
        ab_channel_free(here->channel);
    if (there->channel != NULL)
        ab_channel_free(there->channel);
    here->channel = there->channel = NULL;
    if (!at->has_thread)
        pair_run(at);
    wait_for_hook(here);
    wait_for_hook(there);
}
