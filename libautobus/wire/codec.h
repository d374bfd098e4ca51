/* SPDX-License-Identifier: MIT
 * How a bound connection writes what its two sides say to each other: a table for each way to write it. Those
 * above say what is said, and need not know how it looks. Pure: every writer appends one whole message. Values are
 * JSON text, names and sentences are as they read. */
#ifndef AB_WIRE_CODEC_H
#define AB_WIRE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <autobus/result.h>

#include "base/buffer.h"
#include "value/scan.h"
#include "wire/ask.h"

typedef enum ab_codec_place {
    AB_CODEC_LINES,
    AB_CODEC_FRAMES,
    AB_CODECS
} ab_codec_place;

typedef struct ab_codec {
    ab_codec_place place; /**< of what is kept for each codec */
    size_t around; /**< bytes of a message that do not count against the limit of its length */

    /* A client. `id` 0: no answer is wanted. */
    void (*call)(ab_buffer *out, uint64_t id, ab_slice name, ab_slice arguments);
    void (*subscribe)(ab_buffer *out, ab_verb verb, ab_slice name);

    /* Both. An `id` that came is repeated as it came (see ab_ask). */
    void (*ping)(ab_buffer *out, uint64_t id);
    /** `key` tells what the value is, where the codec has a place for that; NULL: there is no value. */
    void (*response)(ab_buffer *out, ab_value id, const char *key, ab_slice value);
    void (*error)(ab_buffer *out, ab_value id, autobus_result code, const char *text);

    /* A server. */
    void (*changed)(ab_buffer *out, ab_slice name, const ab_slice *value); /**< NULL: gone */
    void (*fired)(ab_buffer *out, ab_slice name, ab_slice arguments);
    void (*unbound)(ab_buffer *out, const char *text);

    /* Channels. */
    void (*open)(ab_buffer *out, uint64_t channel, ab_slice name, bool is_stream, uint64_t window,
                 ab_slice argument);
    void (*opened)(ab_buffer *out, uint64_t channel, uint64_t window);
    void (*data)(ab_buffer *out, uint64_t channel, ab_slice value);
    void (*blob)(ab_buffer *out, uint64_t channel, const void *bytes, size_t length);
    /** The `around` bytes that stand before those of a blob, which travel as they are and are no more than a frame has.
     *  NULL: they do not. */
    void (*blob_head)(char *head, uint64_t channel, size_t length);
    void (*credit)(ab_buffer *out, uint64_t channel, uint64_t bytes);
    void (*end)(ab_buffer *out, uint64_t channel);
    void (*close)(ab_buffer *out, uint64_t channel, autobus_result code, const char *text);
} ab_codec;

/** Lines of JSON: wire/usage.h. */
extern const ab_codec ab_codec_lines;
/** Frames, which only one of us understands: wire/frames.h. */
extern const ab_codec ab_codec_frames;

#endif
