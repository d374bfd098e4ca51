/* SPDX-License-Identifier: MIT
 * Frames: what two of us write to each other instead of lines once they have agreed on it in the bind exchange;
 * docs/protocol.md has them byte for byte. Here they are read, in place; they are written by the table
 * ab_codec_frames. Pure. */
#ifndef AB_WIRE_FRAMES_H
#define AB_WIRE_FRAMES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <autobus/result.h>

#include "base/buffer.h"
#include "value/scan.h"

#define AB_FRAME_HEADER  16
#define AB_FRAME_PAYLOAD 65536 /**< bytes of one frame; what is longer comes in several */

typedef enum ab_frame_kind {
    AB_FRAME_CALL = 0x01,
    AB_FRAME_RESULT = 0x02,
    AB_FRAME_ERROR = 0x03,
    AB_FRAME_WATCH = 0x04,
    AB_FRAME_UNWATCH = 0x05,
    AB_FRAME_LISTEN = 0x06,
    AB_FRAME_UNLISTEN = 0x07,
    AB_FRAME_CHANGED = 0x08,
    AB_FRAME_GONE = 0x09,
    AB_FRAME_FIRED = 0x0a,
    AB_FRAME_PING = 0x0b,
    AB_FRAME_PONG = 0x0c,
    AB_FRAME_UNBOUND = 0x0d,
    AB_FRAME_BIND = 0x0e,
    AB_FRAME_BOUND = 0x0f,
    AB_FRAME_OPEN = 0x10,
    AB_FRAME_OPENED = 0x11,
    AB_FRAME_DATA = 0x12,
    AB_FRAME_BLOB = 0x13,
    AB_FRAME_CREDIT = 0x14,
    AB_FRAME_END = 0x15,
    AB_FRAME_CLOSE = 0x16,
    AB_FRAME_UNBIND = 0x17,
    AB_FRAME_GRANT = 0x18
} ab_frame_kind;

enum {
    AB_FRAME_MORE = 0x01,  /**< the message goes on in the next frame */
    AB_FRAME_STREAM = 0x02 /**< open: a stream */
};

/** A message; what its kind does not have is empty. Everything checked: names and sentences are UTF-8, values JSON. */
typedef struct ab_frame {
    ab_frame_kind kind;
    bool is_stream;
    uint16_t session;    /**< 0: the one that the line has bound */
    uint64_t id;         /**< of the call or ping, or the channel */
    ab_slice id_bytes;   /**< the same as it came: 8 bytes */
    ab_slice name;       /**< as it reads; bind: the service */
    ab_value value;      /**< of fired and call: a list */
    bool is_compact;     /**< the value (see ab_scan_compact()) */
    ab_slice bytes;      /**< blob */
    uint64_t number;     /**< open, opened: the window; credit, bind, grant: bytes more */
    autobus_result code; /**< error, close; REMOTE for a code that nobody knows */
    ab_slice text;       /**< error, close, unbound: a sentence */
} ab_frame;

typedef enum ab_frame_state {
    AB_FRAME_PART,  /**< no whole message yet */
    AB_FRAME_READY, /**< *frame is one, and points into its *taken bytes */
    AB_FRAME_WRONG /**< *mistake is what came ("a frame of an unknown kind"); nothing behind it can be read */
} ab_frame_state;

/** Reads the message that begins at `bytes`. One of several frames is put together where it lies, so it is read
 *  once. `limit`: bytes of payload that a message may have. What is wrong is found as soon as its bytes are there;
 *  the answers depend on the bytes alone, never on how they were cut. */
ab_frame_state ab_frame_next(char *bytes, size_t length, size_t limit, ab_frame *frame,
                             size_t *taken, const char **mistake);

/** A frame's first bytes as they are: nothing of it is checked. */
typedef struct ab_frame_head {
    uint32_t length; /**< of the payload behind it */
    uint8_t kind, flags;
    uint16_t session;
    uint64_t id;
} ab_frame_head;

static inline ab_frame_head ab_frame_read_head(const char at[AB_FRAME_HEADER])
{
    ab_frame_head head;
    memcpy(&head.length, at, 4);
    memcpy(&head.session, at + 6, 2);
    memcpy(&head.id, at + 8, 8);
    head.length = le32toh(head.length);
    head.kind = (uint8_t)at[4];
    head.flags = (uint8_t)at[5];
    head.session = le16toh(head.session);
    head.id = le64toh(head.id);
    return head;
}

/** What was written in frames, and is whole, becomes that of this session. */
void ab_frames_name_session(char *bytes, size_t length, uint16_t session);
/** The same for one message; most are one frame. */
static inline void ab_frame_name_session(char *bytes, size_t length, uint16_t session)
{
    uint16_t number = htole16(session);
    if (length <= AB_FRAME_HEADER + AB_FRAME_PAYLOAD)
        memcpy(bytes + 6, &number, sizeof number);
    else
        ab_frames_name_session(bytes, length, session);
}

/* Writing what lines have no words for; the rest is in wire/codec.h. Each appends one message. */

/** `credit`: bytes of news that may be said before more is granted. */
void ab_frames_write_bind(ab_buffer *out, uint16_t session, ab_slice service, uint64_t credit);
void ab_frames_write_bound(ab_buffer *out, uint16_t session);
void ab_frames_write_unbind(ab_buffer *out, uint16_t session);
void ab_frames_write_grant(ab_buffer *out, uint16_t session, uint64_t credit);

/** The number that a code has in frames, and back. */
uint8_t ab_frame_of_code(autobus_result code);
autobus_result ab_frame_code(uint8_t number);

#endif
