/* SPDX-License-Identifier: MIT
 * Two ends of a TCP connection for a test: a stream on the bus thread that keeps what it hears, and a plain
 * blocking socket as the other side. */
#ifndef TEST_UNIT_NET_SIDE_H
#define TEST_UNIT_NET_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "net/stream.h"

/** The stream's side; all of it with the lock. */
typedef struct side {
    ab_loop *loop;
    ab_stream *stream;
    ab_buffer heard;
    int connected, received, ended, drained; /**< how often each was called */
    int error;                               /**< what `ended` said */
    bool leaves_input;                       /**< `received` consumes nothing */
    int expected;                            /**< bytes, if a test counts them */
    /** What a callback does besides; NULL: nothing. */
    void (*when_connected)(struct side *side), (*when_received)(struct side *side);
    void (*when_ended)(struct side *side), (*when_drained)(struct side *side);
} side;

extern const ab_stream_ops side_ops;

void side_init(side *at, ab_loop *loop);
/** Closes the stream and forgets what was heard. With the lock, on the bus thread. */
void side_fini(side *at);

/** A stream on the bus thread and, returned, the blocking socket that it is connected to. */
int side_connect(side *at);
/** The same over a pair of unix sockets. */
int side_connect_near(side *at);
/** Starts to dial on the bus thread. */
void side_dial(side *at, const char *host, uint16_t port);

/** A listening socket on 127.0.0.1 and its port. */
int plain_listen(uint16_t *ret_port);
/** A connected blocking socket. */
int plain_dial(uint16_t port);
/** Writes all of it. */
void plain_write(int fd, const void *bytes, size_t length);
/** Whether something is there to be read now. */
bool plain_has_come(int fd);
/** Reads so much, and it is this. */
void plain_expect(int fd, const char *text);
/** Reads until the end: how many bytes, or -errno; at most `room` of them are kept. */
long plain_read_all(int fd, char *bytes, size_t room);

#endif
