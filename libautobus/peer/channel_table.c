/* SPDX-License-Identifier: MIT
 * All channels of one connection, and what the other side says of them. Believes it nothing: a mistake closes the
 * channel on which it was made, with a sentence for both sides. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel_state.h"
#include "peer/finite.h"
#include "wire/usage.h"

ab_channels *ab_channels_new(const ab_codec *codec, const ab_channels_ops *ops, void *owner,
                             size_t max_channels, size_t window, size_t max_message)
{
    ab_channels *channels = ab_alloc(1, sizeof *channels);
    channels->codec = codec;
    channels->ops = ops;
    channels->owner = owner;
    channels->max_channels = max_channels;
    channels->window = AB_MAX(window, (size_t)1);
    channels->max_message = max_message;
    ab_map_init(&channels->open);
    return channels;
}

void ab_channels_offer(ab_channels *channels, ab_seat *seat)
{
    channels->seat = seat;
}

static void destroy_if_over(ab_channels *channels)
{
    if (!channels->is_over || channels->hearing > 0)
        return;
    ab_map_fini(&channels->open);
    free(channels);
}

void ab_channels_free(ab_channels *channels, autobus_result why, const char *sentence)
{
    size_t cursor = 0;
    if (channels == NULL || channels->is_over)
        return;
    channels->is_over = true;
    channels->hearing++;
    for (autobus_channel *each; (each = ab_map_next(&channels->open, &cursor)) != NULL; cursor = 0)
        ab_channel_over(each, why, sentence);
    channels->hearing--;
    destroy_if_over(channels);
}

void ab_channels_say(ab_channels *channels, const ab_buffer *messages)
{
    if (!channels->is_over)
        channels->ops->send(channels->owner, messages, false);
}

void ab_channels_put(ab_channels *channels, const ab_buffer *messages)
{
    if (!channels->is_over)
        channels->ops->send(channels->owner, messages, true);
}

size_t ab_channels_room(const ab_channels *channels)
{
    return channels->ops->room(channels->owner);
}

void ab_channels_ease(ab_channels *channels)
{
    size_t cursor = 0;
    if (channels == NULL || !channels->wants_room)
        return;
    channels->wants_room = false;
    for (autobus_channel *each; (each = ab_map_next(&channels->open, &cursor)) != NULL;)
        ab_channel_ease(each);
}

static void say_close(ab_channels *channels, uint64_t id, autobus_result why, const char *sentence)
    AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    channels->codec->close(&out, id, why, sentence);
    ab_channels_say(channels, &out);
}

static autobus_channel *find(const ab_channels *channels, uint64_t id)
{
    return ab_map_get(&channels->open, &id, sizeof id);
}

static void punish(autobus_channel *channel, const char *sentence) AB_LOCKED
{
    channel->channels->has_mistake = true;
    ab_channel_cut(channel, AUTOBUS_INCOMPATIBLE, sentence);
}

/* What a string reads as, with a '\0' behind it. */
static char *read_string(const ab_channel_line *line, ab_value value, size_t *length)
{
    char *text = ab_alloc(1, value.text.length + 1);
    if (!line->is_plain)
        *length = ab_scan_string(value, text);
    else
        memcpy(text, value.text.bytes, *length = value.text.length);
    return text;
}

/* Opening. */

/* NULL: it may be opened. Else why not. */
static const char *refusal(const ab_channels *channels, uint64_t id, autobus_result *why)
{
    *why = AUTOBUS_NOT_FOUND;
    if (channels->ops->offered == NULL || channels->seat == NULL)
        return "This side offers no channels.";
    *why = AUTOBUS_INCOMPATIBLE;
    if (id <= channels->last_id)
        return "The number of the channel is not larger than all before it.";
    *why = AUTOBUS_BUSY;
    if (channels->open.count >= channels->max_channels)
        return "Too many channels are open on this connection.";
    return NULL;
}

static void offer(ab_channels *channels, const ab_channel_line *line) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer room;
    ab_buffer_init(&room);
    size_t length;
    char *name AB_SCOPED(ab_free_ptr) = read_string(line, line->name, &length);
    ab_slice argument =
        line->value.kind == AB_KIND_NONE ? AB_SLICE("null") : ab_finite(line->value.text, &room);
    autobus_channel *fresh = ab_channel_make(channels, channels->seat, line->channel,
                                             (ab_slice){name, length}, line->is_stream, argument);
    fresh->stage = AB_STAGE_OFFERED;
    fresh->credit = (int64_t)line->credit;
    if (channels->ops->offered(channels->owner, fresh, (ab_slice){name, length}, line->is_stream))
        return;
    ab_channel_cut(fresh, AUTOBUS_NOT_FOUND,
                   line->is_stream ? "There is no such stream." : "There is no such channel.");
    ab_channel_unref(fresh);
}

static void hear_open(ab_channels *channels, const ab_channel_line *line) AB_LOCKED
{
    autobus_result why;
    const char *sentence = refusal(channels, line->channel, &why);
    autobus_channel *victim = find(channels, line->channel);
    if (sentence != NULL && victim != NULL) {
        punish(victim, sentence);
        return;
    }
    /* Who offers nothing opens channels itself, and counts them by itself. */
    if (channels->ops->offered != NULL)
        channels->last_id = AB_MAX(channels->last_id, line->channel);
    if (sentence != NULL)
        say_close(channels, line->channel, why, sentence);
    else
        offer(channels, line);
}

static void hear_opened(autobus_channel *channel, const ab_channel_line *line) AB_LOCKED
{
    if (channel->stage != AB_STAGE_OPENING) {
        punish(channel, "Nobody waits for this channel to be opened.");
        return;
    }
    channel->stage = AB_STAGE_OPEN;
    ab_channel_tell(channel, AUTOBUS_OPENED, NULL, 0);
    ab_channel_credit(channel, line->credit);
}

/* Messages. */

/* False: it should not have come, and the channel is closed. */
static bool may_come(autobus_channel *channel, bool is_blob) AB_LOCKED
{
    const char *mistake = NULL;
    if (channel->stage == AB_STAGE_OPENING)
        mistake = "Something was sent before the channel was opened.";
    else if (channel->is_stream && !is_blob)
        mistake = "A stream carries bytes only.";
    else if (channel->has_other_ended)
        mistake = "Something was sent behind the end of the stream.";
    else if (channel->granted <= 0)
        mistake = "More was sent than there was credit for.";
    if (mistake != NULL)
        punish(channel, mistake);
    return mistake == NULL;
}

static void take(autobus_channel *channel, autobus_kind kind, ab_text *body, size_t length)
    AB_LOCKED
{
    int64_t cost = ab_channel_cost(length);
    channel->granted -= cost;
    ab_channel_tell(channel, kind, body, cost);
}

static void hear_data(autobus_channel *channel, ab_value value) AB_LOCKED
{
    if (!may_come(channel, false))
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer room;
    ab_buffer_init(&room);
    ab_slice text = ab_finite(value.text, &room);
    take(channel, AUTOBUS_DATA, ab_text_new(text.bytes, text.length), value.text.length);
}

static void hear_blob(autobus_channel *channel, const ab_channel_line *line) AB_LOCKED
{
    ab_value blob = line->blob;
    if (!may_come(channel, true))
        return;
    if (line->is_plain) {
        ab_text *body = ab_text_new(blob.text.bytes, blob.text.length);
        take(channel, AUTOBUS_BLOB, body, blob.text.length);
        return;
    }
    char *bytes AB_SCOPED(ab_free_ptr) = ab_alloc(1, blob.text.length);
    size_t length;
    if (ab_read_base64(blob, bytes, &length))
        take(channel, AUTOBUS_BLOB, ab_text_new(bytes, length), length);
    else
        punish(channel, "A blob is not base64.");
}

static void hear_end(autobus_channel *channel) AB_LOCKED
{
    const char *mistake = NULL;
    if (!channel->is_stream)
        mistake = "Only a stream can be ended in one direction.";
    else if (channel->stage == AB_STAGE_OPENING || channel->has_other_ended)
        mistake = "The stream was ended twice, or before it was opened.";
    if (mistake != NULL) {
        punish(channel, mistake);
        return;
    }
    channel->has_other_ended = true;
    ab_channel_tell(channel, AUTOBUS_ENDED, NULL, 0);
    if (channel->has_ended)
        ab_channel_over(channel, AUTOBUS_OK, "");
}

static void hear_close(autobus_channel *channel, const ab_channel_line *line) AB_LOCKED
{
    size_t length;
    char *sentence AB_SCOPED(ab_free_ptr) = read_string(line, line->text, &length);
    ab_channel_over(channel, line->code, sentence);
}

/* Everything but open; about a channel that is no more, it is what was on its way when that was closed. */
static void hear_of(autobus_channel *channel, const ab_channel_line *line) AB_LOCKED
{
    switch (line->command) {
    case AB_CHANNEL_OPENED: hear_opened(channel, line); break;
    case AB_CHANNEL_DATA: hear_data(channel, line->value); break;
    case AB_CHANNEL_BLOB: hear_blob(channel, line); break;
    case AB_CHANNEL_CREDIT: ab_channel_credit(channel, line->credit); break;
    case AB_CHANNEL_END: hear_end(channel); break;
    case AB_CHANNEL_CLOSE: hear_close(channel, line); break;
    case AB_CHANNEL_OPEN:
    case AB_CHANNEL_NONE: break;
    }
}

static void obey(ab_channels *channels, const ab_channel_line *line, bool is_well_formed) AB_LOCKED
{
    autobus_channel *channel = find(channels, line->channel);
    if (!is_well_formed && channel != NULL)
        punish(channel, "A message lacks what it should have, or has something else there.");
    else if (!is_well_formed && line->command == AB_CHANNEL_OPEN && line->channel > 0)
        say_close(channels, line->channel, AUTOBUS_INCOMPATIBLE,
                  "An open needs a name, and credit as a whole number.");
    else if (is_well_formed && line->command == AB_CHANNEL_OPEN)
        hear_open(channels, line);
    else if (is_well_formed && channel != NULL)
        hear_of(channel, line);
}

/* Channels are notifications; whoever asks for an answer all the same, as one does by hand, gets one. */
static void answer(ab_channels *channels, const ab_message *message, bool is_well_formed) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    if (message->type != AB_MESSAGE_COMMAND || message->id.kind == AB_KIND_NONE)
        return;
    if (is_well_formed)
        channels->codec->response(&out, message->id, NULL, (ab_slice){0});
    else
        channels->codec->error(&out, message->id, AUTOBUS_INVALID,
                               "That is not how one speaks of a channel.");
    ab_channels_say(channels, &out);
}

bool ab_channels_hear(ab_channels *channels, const ab_message *message)
{
    ab_channel_line line;
    bool is_well_formed = ab_read_channel(message, &line);
    if (line.command == AB_CHANNEL_NONE)
        return false;
    channels->hearing++;
    obey(channels, &line, is_well_formed);
    answer(channels, message, is_well_formed);
    channels->hearing--;
    destroy_if_over(channels);
    return true;
}

static const ab_channel_command commands[] = {
    [AB_FRAME_OPEN] = AB_CHANNEL_OPEN,     [AB_FRAME_OPENED] = AB_CHANNEL_OPENED,
    [AB_FRAME_DATA] = AB_CHANNEL_DATA,     [AB_FRAME_BLOB] = AB_CHANNEL_BLOB,
    [AB_FRAME_CREDIT] = AB_CHANNEL_CREDIT, [AB_FRAME_END] = AB_CHANNEL_END,
    [AB_FRAME_CLOSE] = AB_CHANNEL_CLOSE,
};

bool ab_channels_hear_frame(ab_channels *channels, const ab_frame *frame)
{
    ab_channel_line line = {
        .command = commands[frame->kind],
        .channel = frame->id,
        .credit = frame->number,
        .is_stream = frame->is_stream,
        .is_plain = true,
        .code = frame->code,
        .name = {AB_KIND_STRING, frame->name},
        .value = frame->value,
        .blob = {AB_KIND_STRING, frame->bytes},
        .text = {AB_KIND_STRING, frame->text},
    };
    channels->hearing++;
    obey(channels, &line, true);
    bool is_right = !channels->has_mistake;
    channels->hearing--;
    destroy_if_over(channels);
    return is_right;
}
