/* SPDX-License-Identifier: MIT
 * One direction of a connection: bytes in, messages out, however they were cut. It keeps the beginning of a message and
 * counts the rest, so it takes the same little memory whatever comes. Pure. */
#ifndef MONITOR_STREAM_H
#define MONITOR_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "monitor/message.h"

enum {
    MONITOR_HEAD = 4096, /**< bytes kept of a message */
    MONITOR_FRAME_HEADER = 16
};

typedef enum monitor_wire {
    MONITOR_UNKNOWN, /**< we came in the middle, or have lost our place */
    MONITOR_LINES,
    MONITOR_FRAMES
} monitor_wire;

typedef struct monitor_stream {
    monitor_wire wire;
    size_t size;                                /**< bytes of the message so far */
    size_t kept;                                /**< of them in `head` */
    unsigned char header[MONITOR_FRAME_HEADER]; /**< frames: of the one under way */
    size_t header_kept;
    size_t left;    /**< bytes of its payload to come */
    size_t payload; /**< of the message so far */
    char head[MONITOR_HEAD];
} monitor_stream;

/** Is shown each message, borrowed; may change the stream's `wire`, and then what follows is read so. */
typedef void monitor_stream_fn(void *userdata, const monitor_message *message);

/** Begins anew at the beginning of a message; with MONITOR_UNKNOWN wherever the next bytes look like one. */
void monitor_stream_begin(monitor_stream *self, monitor_wire wire);

/** Takes the bytes of one packet. How many of them at its end could not be understood: then the place is lost. */
size_t monitor_stream_feed(monitor_stream *self, const unsigned char *bytes, size_t length,
                           monitor_stream_fn *told, void *userdata);

#endif
