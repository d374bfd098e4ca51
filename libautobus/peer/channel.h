/* SPDX-License-Identifier: MIT
 * Channels and streams over one connection, whichever side opened it: opening, messages with credit, closing. The
 * public autobus_channel from the inside, and the protocol of it. Sends through its connection's ops; knows
 * neither link nor session.
 *
 * Credit: each side may send `window` bytes ahead; a message may be sent while any credit is left, and costs its
 * payload, at least AB_CHANNEL_LEAST, so that many small ones are bounded too. Credit comes back, half a window at a
 * time, when the program's callbacks have returned. Credit is the other side's promise to read; what it does not
 * read all the same is refused as soon as there is no room for it.
 *
 * A channel belongs to its holder in the program and to its connection, whichever lasts longer. */
#ifndef AB_PEER_CHANNEL_H
#define AB_PEER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include <autobus/channel.h>

#include "base/buffer.h"
#include "loop/seat.h"
#include "peer/hearer.h"
#include "wire/codec.h"
#include "wire/frames.h"
#include "wire/lines.h"

#define AB_CHANNEL_LEAST 64 /**< bytes of credit that the smallest message costs */
#define AB_CHANNEL_PIECE \
    AB_FRAME_PAYLOAD /**< bytes of a stream that travel in one message, at most */

typedef struct ab_channels ab_channels;

typedef struct ab_channels_ops {
    /** Puts these messages behind everything said before. The connection may end in it. `is_weighed`: room() had place
     *  for them; else they are what the other side makes us say, which the connection bounds by itself. */
    void (*send)(void *owner, const ab_buffer *messages, bool is_weighed);
    /** The other side opens one (only on a connection that came to us). It may be accepted from here on, at any
     *  time; `offered` is the op's to free. False: no such channel; it is refused. NULL op: nothing is offered. */
    bool (*offered)(void *owner, autobus_channel *offered, ab_slice name, bool is_stream);
    /** How many bytes may be added to those that the other side has not read yet; SIZE_MAX while there are none,
     *  and after it was less, ab_channels_ease() comes. */
    size_t (*room)(void *owner);
    /** Pours messages of two halves each, as ab_stream_pour() does; how many were taken. 0: send() them. Asked
     *  only where the codec writes the head of a blob by itself. */
    unsigned (*pour)(void *owner, struct iovec *halves, unsigned messages);
} ab_channels_ops;

ab_channels *ab_channels_new(const ab_codec *codec, const ab_channels_ops *ops, void *owner,
                             size_t max_channels, size_t window, size_t max_message);
/** Channels of the other side are offered from now on; the program uses them by this seat. Before, or without the op,
 *  they are refused. */
void ab_channels_offer(ab_channels *channels, ab_seat *seat) AB_LOCKED;
/** The connection is over: every channel closes with this reason. Handles stay with their holders. From inside any op
 *  too. */
void ab_channels_free(ab_channels *channels, autobus_result why, const char *sentence) AB_LOCKED;
/** Everything that was said has left: whoever was refused for want of room may write again. NULL is fine. */
void ab_channels_ease(ab_channels *channels) AB_LOCKED;
/** A command or notification of the channel protocol. False: it is none. */
bool ab_channels_hear(ab_channels *channels, const ab_message *message) AB_LOCKED;

/** The same in a frame, which is about a channel. False: it was a mistake, for which that channel is closed already;
 *  nor is the connection to be trusted any more. */
bool ab_channels_hear_frame(ab_channels *channels, const ab_frame *frame) AB_LOCKED;

/** For the proxy layer: opens one. The hearer is taken, also on failure. `service` tags its messages (NULL: nothing
 *  does). BUSY: as many are open as may be, or the other side does not read; TOO_LARGE. */
autobus_result ab_channel_open(ab_seat *seat, ab_channels *channels, ab_text *service,
                               ab_slice name, bool is_stream, ab_slice argument, ab_hearer *hearer,
                               autobus_channel **ret) AB_LOCKED;
/** For offered, before it is accepted: `service` tags its messages. */
void ab_channel_tag(autobus_channel *offered, ab_text *service) AB_LOCKED;
/** For offered: a channel that nobody has accepted is refused with this sentence and freed; one that was, is
 *  the accepter's. */
void ab_channel_settle(autobus_channel *offered, const char *sentence) AB_LOCKED;

/* Behind the public functions of the same names; they take the lock themselves. */
void ab_channel_free(autobus_channel *channel);
autobus_result ab_channel_accept(autobus_channel *channel, autobus_message_fn *heard,
                                 void *userdata, autobus_free_fn *free_userdata);
autobus_result ab_channel_send(autobus_channel *channel, ab_slice value);
autobus_result ab_channel_write(autobus_channel *channel, const void *bytes, size_t length,
                                size_t *ret_sent);
autobus_result ab_channel_end(autobus_channel *channel);
autobus_result ab_channel_pause(autobus_channel *channel, bool is_paused);
autobus_result ab_channel_close(autobus_channel *channel, const char *reason);
const char *ab_channel_name(const autobus_channel *channel);
const char *ab_channel_argument(const autobus_channel *channel);

#endif
