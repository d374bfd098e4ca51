/* SPDX-License-Identifier: MIT
 * Frames by hand, over a plain socket of the test (see door.h and dialler.h). */
#ifndef AUTOBUS_TEST_FRAMED_H
#define AUTOBUS_TEST_FRAMED_H

#include "wire/codec.h"
#include "wire/frames.h"

/** A client's bind to DOOR_OTHER that offers frames, and the door's answer. */
#define FRAMED_BIND                                                                         \
    "{\"_type\":1,\"_id\":\"x\",\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1," \
    "\"frames\":1}\r\n"
#define FRAMED_BOUND                                                                 \
    "{\"_type\":2,\"_id\":\"x\",\"service\":\"other\",\"bus\":\"00000000000000b5\"," \
    "\"frames\":1,\"sessions\":1024}"

/** Sends what was written, and empties it. */
void framed_send(int socket, ab_buffer *out);
/** Sends bytes as they are. */
void framed_send_bytes(int socket, const void *bytes, size_t length);
/** The next message, in a static buffer; fails after 10 s, or if something else comes. */
ab_frame framed_next(int socket);
/** The next message is of this kind, and its text, or else its value, is this. */
ab_frame framed_expect(int socket, ab_frame_kind kind, const char *text);
/** The other side says in an `unbound` that we sent this, and closes. */
void framed_expect_refusal(int socket, const char *mistake);

#endif
