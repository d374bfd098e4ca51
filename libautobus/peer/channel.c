/* SPDX-License-Identifier: MIT
 * The program's end of a channel: what it sends, what it is told, and how it ends. Whatever says something to the
 * other side does so last, or looks again whether the channel is still there: the connection may end in it. */
#include "peer/channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel_state.h"

#define MOST_CREDIT (INT64_C(1) << 53)
#define REASON_MAX  1024      /* bytes of a reason that travel */
#define AROUND      256       /* bytes of a message around its payload, at most */
#define WIDEST      (1 << 20) /* bytes that a stream may come to have under way */
#define EXTRA_MOST  (4 << 20) /* that all of a connection may, beyond what they began with */
#define BRIEF       AB_MS(10)

int64_t ab_channel_cost(size_t length)
{
    return (int64_t)AB_MAX(length, (size_t)AB_CHANNEL_LEAST);
}

/* Being told. */

/* The hearer goes; the hook of the program comes after what is still told. */
static void let_go(autobus_channel *channel, bool is_dropping) AB_LOCKED
{
    ab_hearer *hearer = channel->hearer;
    if (hearer == NULL)
        return;
    ab_budget_leave(channel->budget);
    channel->hearer = NULL;
    channel->budget = NULL;
    ab_hearer_end(hearer, is_dropping);
}

/* Who reads half a window in a moment, while the other side may hardly send, has it wait for credit more than for
 * anything else: twice as much may be under way. */
static void widen(autobus_channel *channel) AB_LOCKED
{
    ab_channels *channels = channel->channels;
    ab_time now = ab_loop_now(channel->seat->loop);
    bool is_brief = now - channel->credited_at < BRIEF;
    channel->credited_at = now;
    if (!is_brief || 2 * channel->granted > (int64_t)channel->window ||
        2 * channel->window > WIDEST || channels->extra + channel->window > EXTRA_MOST)
        return;
    channels->extra += channel->window;
    channel->owed += (int64_t)channel->window;
    channel->window *= 2;
}

/* Half a window at a time: a message each would cost more than it says. */
static void give_back(autobus_channel *channel, int64_t cost) AB_LOCKED
{
    channel->owed += cost;
    if (channel->has_other_ended || 2 * channel->owed < (int64_t)channel->window)
        return;
    if (channel->is_stream)
        widen(channel);
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    channel->channels->codec->credit(&out, channel->id, (uint64_t)channel->owed);
    channel->granted += channel->owed;
    channel->owed = 0;
    ab_channels_say(channel->channels, &out);
}

static void eased(ab_budget *budget, size_t cost)
{
    autobus_channel *channel = budget->owner;
    ab_lock_is_held(channel->seat->lock);
    if (channel->channels != NULL)
        give_back(channel, (int64_t)cost);
    else if (budget->references == 2)
        /* Ours and that of the notice at hand, which was CLOSED_NOW: there is nothing more to tell. */
        let_go(channel, false);
}

static void begin_hearing(autobus_channel *channel, ab_hearer *hearer) AB_LOCKED
{
    channel->hearer = hearer;
    channel->budget = ab_budget_new(eased, channel);
    channel->granted = (int64_t)channel->window;
}

static ab_text *ref_or_null(ab_text *text)
{
    return text != NULL ? ab_text_ref(text) : NULL;
}

static void tell(autobus_channel *channel, autobus_message news, int64_t cost) AB_LOCKED
{
    news.service = ref_or_null(channel->service);
    news.name = ab_text_ref(channel->name);
    if (channel->hearer != NULL)
        ab_hearer_tell(channel->hearer, &news, channel->budget, (size_t)cost, NULL, "channel");
    else
        ab_news_fini(&news);
}

void ab_channel_tell(autobus_channel *channel, autobus_kind kind, ab_text *body, int64_t cost)
{
    tell(channel, (autobus_message){.kind = kind, .body = body}, cost);
}

void ab_channel_ease(autobus_channel *channel)
{
    if (channel->stage != AB_STAGE_OPEN || channel->credit <= 0 || !channel->wants_writable)
        return;
    if (ab_channels_room(channel->channels) < SIZE_MAX) {
        channel->channels->wants_room = true;
        return;
    }
    channel->wants_writable = false;
    ab_channel_tell(channel, AUTOBUS_WRITABLE, NULL, 0);
}

void ab_channel_credit(autobus_channel *channel, uint64_t more)
{
    channel->credit = AB_MIN(channel->credit + (int64_t)more, MOST_CREDIT);
    ab_channel_ease(channel);
}

/* Beginning and ending. */

autobus_channel *ab_channel_make(ab_channels *channels, ab_seat *seat, uint64_t id, ab_slice name,
                                 bool is_stream, ab_slice argument)
{
    autobus_channel *fresh = ab_alloc(1, sizeof *fresh);
    fresh->seat = ab_seat_ref(seat);
    fresh->name = ab_text_new(name.bytes, name.length);
    fresh->argument = ab_text_new(argument.bytes, argument.length);
    fresh->id = id;
    fresh->is_stream = is_stream;
    fresh->window = channels->window;
    fresh->references = 2;
    fresh->channels = channels;
    ab_map_put(&channels->open, &fresh->id, sizeof fresh->id, fresh);
    return fresh;
}

void ab_channel_unref(autobus_channel *channel)
{
    if (--channel->references > 0)
        return;
    let_go(channel, false);
    ab_text_unref(channel->service);
    ab_text_unref(channel->name);
    ab_text_unref(channel->argument);
    /* Never the last one: whoever holds the lock holds a reference too. */
    ab_seat_unref(channel->seat);
    free(channel);
}

void ab_channel_over(autobus_channel *channel, autobus_result why, const char *sentence)
{
    ab_channels *channels = channel->channels;
    if (channels == NULL)
        return;
    channel->channels = NULL;
    channels->extra -= channel->window - channels->window;
    ab_map_take(&channels->open, &channel->id, sizeof channel->id);
    /* Nobody will resume what a closing bus still has to tell. */
    if (channel->hearer != NULL && channel->seat->is_closing)
        ab_hearer_pause(channel->hearer, false);
    ab_text *error = sentence[0] != '\0' ? ab_text_new(sentence, strlen(sentence)) : NULL;
    tell(channel, (autobus_message){.kind = AUTOBUS_CLOSED_NOW, .result = why, .error = error}, 0);
    ab_channel_unref(channel);
}

void ab_channel_cut(autobus_channel *channel, autobus_result why, const char *sentence)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    if (channel->channels == NULL)
        return;
    channel->channels->codec->close(&out, channel->id, why, sentence);
    channel->references++;
    ab_channels_say(channel->channels, &out);
    ab_channel_over(channel, why, sentence);
    ab_channel_unref(channel);
}

autobus_result ab_channel_open(ab_seat *seat, ab_channels *channels, ab_text *service,
                               ab_slice name, bool is_stream, ab_slice argument, ab_hearer *hearer,
                               autobus_channel **ret)
{
    autobus_result result = AUTOBUS_OK;
    *ret = NULL;
    if (channels->open.count >= channels->max_channels)
        result = ab_fail(AUTOBUS_BUSY,
                         "%zu channels are open on this connection, and no more are allowed",
                         channels->open.count);
    else if (6 * name.length + argument.length + AROUND > channels->max_message)
        result = ab_fail(AUTOBUS_TOO_LARGE, "the argument of a channel can have %zu bytes, not %zu",
                         channels->max_message, argument.length);
    else if (6 * name.length + argument.length + AROUND > ab_channels_room(channels))
        result = ab_fail(AUTOBUS_BUSY, "too much waits already for the other side, which does not "
                                       "read it; a channel can be opened later");
    if (result != AUTOBUS_OK) {
        ab_hearer_end(hearer, true);
        return result;
    }
    autobus_channel *fresh =
        ab_channel_make(channels, seat, ++channels->last_id, name, is_stream, argument);
    fresh->service = ref_or_null(service);
    fresh->stage = AB_STAGE_OPENING;
    begin_hearing(fresh, hearer);
    *ret = fresh;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    channels->codec->open(&out, fresh->id, name, is_stream, fresh->window, argument);
    ab_channels_put(channels, &out);
    return AUTOBUS_OK;
}

void ab_channel_tag(autobus_channel *offered, ab_text *service)
{
    ab_text_unref(offered->service);
    offered->service = ref_or_null(service);
}

void ab_channel_settle(autobus_channel *offered, const char *sentence)
{
    if (offered->stage == AB_STAGE_OFFERED)
        ab_channel_cut(offered, AUTOBUS_DENIED, sentence);
    ab_channel_unref(offered);
}

static autobus_result fail_closed(const autobus_channel *channel)
{
    return ab_fail(AUTOBUS_CLOSED, "the channel \"%s\" is closed", channel->name->bytes);
}

static autobus_result accept(autobus_channel *channel, autobus_message_fn *heard, void *userdata,
                             autobus_free_fn *free_userdata) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    if (channel->channels == NULL)
        return fail_closed(channel);
    if (channel->stage != AB_STAGE_OFFERED)
        return ab_fail(AUTOBUS_INVALID,
                       "the channel \"%s\" is open already; only one that is "
                       "offered can be accepted, and once",
                       channel->name->bytes);
    channel->stage = AB_STAGE_OPEN;
    channel->references++;
    begin_hearing(channel, ab_hearer_new(channel->seat, heard, userdata, free_userdata));
    if (channel->has_other_ended)
        ab_channel_tell(channel, AUTOBUS_ENDED, NULL, 0);
    channel->channels->codec->opened(&out, channel->id, channel->window);
    ab_channels_say(channel->channels, &out);
    return AUTOBUS_OK;
}

autobus_result ab_channel_accept(autobus_channel *channel, autobus_message_fn *heard,
                                 void *userdata, autobus_free_fn *free_userdata)
{
    autobus_result result;
    if (ab_seat_enter(channel->seat, &result)) {
        result = accept(channel, heard, userdata, free_userdata);
        ab_seat_leave(channel->seat);
    }
    if (result != AUTOBUS_OK && free_userdata != NULL)
        free_userdata(userdata);
    return result;
}

void ab_channel_free(autobus_channel *channel)
{
    ab_seat *seat = channel->seat;
    if (ab_seat_is_foreign(seat))
        return;
    (void)ab_seat_ref(seat);
    ab_lock_take(seat->lock);
    if (channel->stage == AB_STAGE_OFFERED) {
        /* Borrowed still: who offers it lets go of it. */
        ab_channel_cut(channel, AUTOBUS_DENIED, "The channel was refused.");
    } else {
        let_go(channel, true);
        ab_channel_cut(channel, AUTOBUS_CLOSED, "closed");
        ab_channel_unref(channel);
    }
    ab_lock_drop(seat->lock);
    ab_seat_unref(seat);
}

/* Sending. */

/* Whether anything may be sent at all. */
static autobus_result check_sending(autobus_channel *channel, bool is_blob) AB_LOCKED
{
    if (channel->channels == NULL)
        return fail_closed(channel);
    if (channel->stage == AB_STAGE_OFFERED)
        return ab_fail(AUTOBUS_INVALID, "accept the channel \"%s\" before you send on it",
                       channel->name->bytes);
    if (channel->is_stream && !is_blob)
        return ab_fail(AUTOBUS_INVALID, "\"%s\" is a stream: write bytes to it, not values",
                       channel->name->bytes);
    if (channel->has_ended)
        return ab_fail(AUTOBUS_INVALID, "the stream \"%s\" was ended: nothing more can be written",
                       channel->name->bytes);
    return AUTOBUS_OK;
}

static autobus_result refuse_for_now(autobus_channel *channel) AB_LOCKED
{
    channel->wants_writable = true;
    if (channel->stage == AB_STAGE_OPEN && channel->credit > 0)
        channel->channels->wants_room = true;
    return ab_fail(AUTOBUS_BUSY, "the other side of \"%s\" has not read enough yet",
                   channel->name->bytes);
}

/* One message of so many bytes: all of it now, or nothing. */
static autobus_result check_message(autobus_channel *channel, size_t length, bool is_blob) AB_LOCKED
{
    size_t most =
        channel->channels->max_message - AB_MIN(channel->channels->max_message, (size_t)AROUND);
    if (is_blob)
        most = most / 4 * 3;
    if (length > most)
        return ab_fail(AUTOBUS_TOO_LARGE, "a message on a channel can have %zu bytes, not %zu",
                       most, length);
    size_t on_the_line = (is_blob ? length / 3 * 4 + 4 : length) + AROUND;
    bool may_go = channel->stage == AB_STAGE_OPEN && channel->credit > 0 &&
                  on_the_line <= ab_channels_room(channel->channels);
    return may_go ? AUTOBUS_OK : refuse_for_now(channel);
}

autobus_result ab_channel_send(autobus_channel *channel, ab_slice value)
{
    autobus_result result;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    if (!ab_seat_enter(channel->seat, &result))
        return result;
    result = check_sending(channel, false);
    if (result == AUTOBUS_OK)
        result = check_message(channel, value.length, false);
    if (result == AUTOBUS_OK) {
        channel->credit -= ab_channel_cost(value.length);
        channel->channels->codec->data(&out, channel->id, value);
        ab_channels_put(channel->channels, &out);
    }
    ab_seat_leave(channel->seat);
    return result;
}

static autobus_result write_blob(autobus_channel *channel, const void *bytes, size_t length)
    AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    autobus_result result = check_message(channel, length, true);
    if (result != AUTOBUS_OK)
        return result;
    channel->credit -= ab_channel_cost(length);
    channel->channels->codec->blob(&out, channel->id, bytes, length);
    ab_channels_put(channel->channels, &out);
    return AUTOBUS_OK;
}

autobus_result ab_channel_write(autobus_channel *channel, const void *bytes, size_t length,
                                size_t *ret_sent)
{
    autobus_result result;
    size_t written = 0;
    if (ret_sent != NULL)
        *ret_sent = 0;
    if (!ab_seat_enter(channel->seat, &result))
        return result;
    result = check_sending(channel, true);
    if (result == AUTOBUS_OK && channel->is_stream) {
        written = ab_channel_pour(channel, bytes, length);
        result = written == 0 && length > 0 ? refuse_for_now(channel) : AUTOBUS_OK;
    } else if (result == AUTOBUS_OK) {
        result = write_blob(channel, bytes, length);
        written = length;
    }
    if (result == AUTOBUS_OK && ret_sent != NULL)
        *ret_sent = written;
    ab_seat_leave(channel->seat);
    return result;
}

/* Half of a stream, a pause, a close. */

static autobus_result end(autobus_channel *channel) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    if (!channel->is_stream)
        return ab_fail(AUTOBUS_INVALID, "\"%s\" is no stream: close it instead",
                       channel->name->bytes);
    if (channel->has_ended)
        return AUTOBUS_OK;
    autobus_result result = check_sending(channel, true);
    if (result != AUTOBUS_OK)
        return result;
    channel->has_ended = true;
    channel->wants_writable = false;
    channel->channels->codec->end(&out, channel->id);
    ab_channels_say(channel->channels, &out);
    if (channel->has_other_ended)
        ab_channel_over(channel, AUTOBUS_OK, "");
    return AUTOBUS_OK;
}

autobus_result ab_channel_end(autobus_channel *channel)
{
    autobus_result result;
    if (!ab_seat_enter(channel->seat, &result))
        return result;
    result = end(channel);
    ab_seat_leave(channel->seat);
    return result;
}

autobus_result ab_channel_pause(autobus_channel *channel, bool is_paused)
{
    autobus_result result = AUTOBUS_OK;
    if (!ab_seat_enter(channel->seat, &result))
        return result;
    if (channel->hearer != NULL)
        ab_hearer_pause(channel->hearer, is_paused);
    else if (channel->stage == AB_STAGE_OFFERED && channel->channels != NULL)
        result = ab_fail(AUTOBUS_INVALID, "accept the channel \"%s\" before you pause it",
                         channel->name->bytes);
    else
        result = fail_closed(channel);
    ab_seat_leave(channel->seat);
    return result;
}

autobus_result ab_channel_close(autobus_channel *channel, const char *reason)
{
    autobus_result result;
    char *sentence AB_SCOPED(ab_free_ptr) = ab_strndup(reason != NULL ? reason : "", REASON_MAX);
    if (!ab_seat_enter(channel->seat, &result))
        return result;
    ab_channel_cut(channel, channel->stage == AB_STAGE_OFFERED ? AUTOBUS_DENIED : AUTOBUS_OK,
                   sentence);
    ab_seat_leave(channel->seat);
    return AUTOBUS_OK;
}

const char *ab_channel_name(const autobus_channel *channel)
{
    return channel->name->bytes;
}

const char *ab_channel_argument(const autobus_channel *channel)
{
    return channel->argument->bytes;
}
