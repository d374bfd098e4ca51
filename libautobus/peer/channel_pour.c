/* SPDX-License-Identifier: MIT
 * Bytes into a stream: from where they lie, many pieces in one system call, as long as the kernel takes them; else by
 * way of a message that is queued. */
#include "peer/channel_state.h"

#define AT_ONCE 16 /* messages in one system call, at most */
#define POURED \
    16384 /* bytes that are not copied, at least: fewer may wait for more of their kind */

static size_t largest_piece(const autobus_channel *channel) AB_LOCKED
{
    return AB_MIN((size_t)AB_CHANNEL_PIECE, channel->channels->max_message / 2);
}

/* What was said of it is paid for. */
static void pay(autobus_channel *channel, size_t piece) AB_LOCKED
{
    channel->credit -= ab_channel_cost(piece);
}

/* Without a copy; how many bytes went so. */
static size_t pour_pieces(autobus_channel *channel, const char *bytes, size_t length) AB_LOCKED
{
    const ab_channels *channels = channel->channels;
    char heads[AT_ONCE][AB_FRAME_HEADER];
    struct iovec halves[2 * AT_ONCE];
    unsigned count = 0;
    size_t written = 0, most = largest_piece(channel);
    if (channels->codec->blob_head == NULL)
        return 0;
    length = AB_MIN(length, (size_t)channel->credit);
    if (length < POURED)
        return 0;
    for (size_t at = 0, piece; at < length && count < AT_ONCE; at += piece, count++) {
        piece = AB_MIN(length - at, most);
        channels->codec->blob_head(heads[count], channel->id, piece);
        halves[2 * count] = (struct iovec){heads[count], channels->codec->around};
        halves[2 * count + 1] = (struct iovec){(void *)(uintptr_t)(bytes + at), piece};
    }
    unsigned taken = channels->ops->pour(channels->owner, halves, count);
    for (unsigned i = 0; i < taken; i++) {
        pay(channel, halves[2 * i + 1].iov_len);
        written += halves[2 * i + 1].iov_len;
    }
    return written;
}

/* One message, which the connection takes or queues; how many bytes it has. The connection may end in it. */
static size_t put_piece(autobus_channel *channel, const char *bytes, size_t length) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    size_t piece = AB_MIN(AB_MIN(length, (size_t)channel->credit), largest_piece(channel));
    ab_buffer_init(&out);
    channel->channels->codec->blob(&out, channel->id, bytes, piece);
    pay(channel, piece);
    ab_channels_put(channel->channels, &out);
    return piece;
}

static bool may_write(const autobus_channel *channel) AB_LOCKED
{
    return channel->channels != NULL && channel->stage == AB_STAGE_OPEN && channel->credit > 0 &&
           ab_channels_room(channel->channels) == SIZE_MAX;
}

size_t ab_channel_pour(autobus_channel *channel, const char *bytes, size_t length)
{
    size_t written = 0, turn = AB_MIN(length, channel->channels->max_message);
    while (written < turn && may_write(channel)) {
        size_t gone = pour_pieces(channel, bytes + written, turn - written);
        if (gone == 0)
            gone = put_piece(channel, bytes + written, turn - written);
        written += gone;
    }
    if (written < length)
        channel->wants_writable = true;
    /* What went at once leaves room for the rest, and nobody else would say so. */
    if (written > 0 && channel->channels != NULL)
        ab_channel_ease(channel);
    return written;
}
