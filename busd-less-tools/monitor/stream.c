/* SPDX-License-Identifier: MIT
 * Cutting a stream into lines or frames. */
#include "monitor/stream.h"

#include <string.h>

enum {
    MOST_PAYLOAD = 65536,
    GOES_ON = 0x01,
    KNOWN_FLAGS = 0x03
};

void monitor_stream_begin(monitor_stream *self, monitor_wire wire)
{
    self->wire = wire;
    self->size = self->kept = self->header_kept = self->left = self->payload = 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void keep(monitor_stream *self, const unsigned char *bytes, size_t length)
{
    size_t more = least(length, sizeof self->head - self->kept);
    memcpy(self->head + self->kept, bytes, more);
    self->kept += more;
}

static size_t payload_of(const unsigned char *header)
{
    return (size_t)header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16 |
           (size_t)header[3] << 24;
}

static bool is_header(const unsigned char *header)
{
    return payload_of(header) <= MOST_PAYLOAD && monitor_message_has_frame(header[4]) &&
           (header[5] & ~KNOWN_FLAGS) == 0;
}

/* A message that begins with a packet is likely: both sides write whole ones. */
static monitor_wire guess(const unsigned char *bytes, size_t length)
{
    static const char line[] = "{\"_";
    if (length >= sizeof line - 1 && memcmp(bytes, line, sizeof line - 1) == 0) {
        return MONITOR_LINES;
    }
    return length >= MONITOR_FRAME_HEADER && is_header(bytes) ? MONITOR_FRAMES : MONITOR_UNKNOWN;
}

static void end_line(monitor_stream *self, monitor_stream_fn *told, void *userdata)
{
    monitor_message message;
    monitor_slice head = {self->head, self->kept};
    while (head.length > 0 && self->kept < sizeof self->head &&
           (head.bytes[head.length - 1] == '\n' || head.bytes[head.length - 1] == '\r')) {
        head.length--;
    }
    size_t size = self->size;
    monitor_stream_begin(self, MONITOR_LINES);
    if (head.length > 0) {
        monitor_message_of_line(&message, head, size);
        told(userdata, &message);
        monitor_message_fini(&message);
    }
}

/* How many bytes it took. */
static size_t take_line(monitor_stream *self, const unsigned char *bytes, size_t length,
                        monitor_stream_fn *told, void *userdata)
{
    const unsigned char *end = memchr(bytes, '\n', length);
    size_t taken = end != NULL ? (size_t)(end - bytes) + 1 : length;
    keep(self, bytes, taken);
    self->size += taken;
    if (end != NULL) {
        end_line(self, told, userdata);
    }
    return taken;
}

static void end_frame(monitor_stream *self, monitor_stream_fn *told, void *userdata)
{
    monitor_message message;
    unsigned kind = self->header[4];
    self->header_kept = 0;
    if ((self->header[5] & GOES_ON) != 0) {
        return;
    }
    monitor_slice head = {self->head, self->kept};
    monitor_message_of_frame(&message, kind, head, self->payload, self->size);
    monitor_stream_begin(self, MONITOR_FRAMES);
    told(userdata, &message);
    monitor_message_fini(&message);
}

/* How many bytes it took; 0: this is no frame. */
static size_t take_frame(monitor_stream *self, const unsigned char *bytes, size_t length,
                         monitor_stream_fn *told, void *userdata)
{
    size_t taken;
    if (self->header_kept < MONITOR_FRAME_HEADER) {
        taken = least(length, MONITOR_FRAME_HEADER - self->header_kept);
        memcpy(self->header + self->header_kept, bytes, taken);
        self->header_kept += taken;
        if (self->header_kept == MONITOR_FRAME_HEADER) {
            if (!is_header(self->header)) {
                return 0;
            }
            self->left = payload_of(self->header);
            self->payload += self->left;
        }
    } else {
        taken = least(length, self->left);
        keep(self, bytes, taken);
        self->left -= taken;
    }
    self->size += taken;
    if (self->header_kept == MONITOR_FRAME_HEADER && self->left == 0) {
        end_frame(self, told, userdata);
    }
    return taken;
}

size_t monitor_stream_feed(monitor_stream *self, const unsigned char *bytes, size_t length,
                           monitor_stream_fn *told, void *userdata)
{
    size_t at = 0;
    if (self->wire == MONITOR_UNKNOWN) {
        monitor_stream_begin(self, guess(bytes, length));
    }
    while (at < length && self->wire != MONITOR_UNKNOWN) {
        size_t taken = (self->wire == MONITOR_LINES ? take_line : take_frame)(
            self, bytes + at, length - at, told, userdata);
        if (taken == 0) {
            monitor_stream_begin(self, MONITOR_UNKNOWN);
        }
        at += taken;
    }
    return length - at;
}
