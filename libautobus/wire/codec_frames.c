/* SPDX-License-Identifier: MIT
 * Writing frames. A payload is written in one piece behind its header; where it is longer than a frame may be, it is
 * parted afterwards. */
#include "wire/codec.h"

#include <endian.h>
#include <string.h>

#include "base/copy.h"
#include "value/utf8.h"
#include "wire/frames.h"

static inline void put_number(char *at, uint64_t number, unsigned size)
{
    number = htole64(number);
    memcpy(at, &number, size);
}

static void put_header(char *at, size_t length, ab_frame_kind kind, unsigned flags, uint64_t id)
{
    put_number(at, length, 4);
    at[4] = (char)kind;
    at[5] = (char)flags;
    put_number(at + 6, 0, 2);
    put_number(at + 8, id, 8);
}

/* Where the message begins; `room`: how long its payload will be, about. */
static size_t begin(ab_buffer *out, size_t room)
{
    size_t at = ab_buffer_length(out);
    (void)ab_buffer_reserve(out, AB_FRAME_HEADER + room);
    ab_buffer_wrote(out, AB_FRAME_HEADER);
    return at;
}

/* From the end, so that nothing is overwritten before it has moved. */
static void part(ab_buffer *out, size_t at, ab_frame_kind kind, unsigned flags, uint64_t id)
{
    size_t length = ab_buffer_length(out) - at - AB_FRAME_HEADER;
    size_t parts = (length + AB_FRAME_PAYLOAD - 1) / AB_FRAME_PAYLOAD;
    (void)ab_buffer_reserve(out, (parts - 1) * AB_FRAME_HEADER);
    ab_buffer_wrote(out, (parts - 1) * AB_FRAME_HEADER);
    char *payload = ab_buffer_bytes(out) + at + AB_FRAME_HEADER;
    for (size_t i = parts; i-- > 0;) {
        size_t from = i * AB_FRAME_PAYLOAD;
        size_t piece = AB_MIN(length - from, (size_t)AB_FRAME_PAYLOAD);
        char *to = payload + from + i * AB_FRAME_HEADER;
        memmove(to, payload + from, piece);
        put_header(to - AB_FRAME_HEADER, piece, kind,
                   flags | (i + 1 < parts ? (unsigned)AB_FRAME_MORE : 0U), id);
    }
}

static void finish(ab_buffer *out, size_t at, ab_frame_kind kind, unsigned flags, uint64_t id)
{
    size_t length = ab_buffer_length(out) - at - AB_FRAME_HEADER;
    if (length > AB_FRAME_PAYLOAD)
        part(out, at, kind, flags, id);
    else
        put_header(ab_buffer_bytes(out) + at, length, kind, flags, id);
}

static void write_number(ab_buffer *out, uint64_t number, unsigned size)
{
    put_number(ab_buffer_reserve(out, size), number, size);
    ab_buffer_wrote(out, size);
}

/* What is not UTF-8 is not passed on: the other side would take us for somebody else. */
static void write_text(ab_buffer *out, ab_slice text)
{
    char replacement[4];
    size_t since = 0, step;
    for (size_t at = 0; at < text.length; at += AB_MAX(step, (size_t)1)) {
        uint32_t code;
        step = (unsigned char)text.bytes[at] < 0x80
                   ? 1
                   : ab_utf8_decode(text.bytes + at, text.bytes + text.length, &code);
        if (step > 0)
            continue;
        ab_buffer_append(out, text.bytes + since, at - since);
        ab_buffer_append(out, replacement, ab_utf8_encode(AB_UTF8_REPLACEMENT, replacement));
        since = at + 1;
    }
    if (since < text.length)
        ab_buffer_append(out, text.bytes + since, text.length - since);
}

static void write_name(ab_buffer *out, ab_slice name)
{
    size_t before = ab_buffer_length(out);
    write_number(out, 0, 4);
    write_text(out, name);
    put_number(ab_buffer_bytes(out) + before, ab_buffer_length(out) - before - 4, 4);
}

/* Behind it. */
static inline char *put_bytes(char *at, ab_slice bytes)
{
    ab_copy(at, bytes.bytes, bytes.length);
    return at + bytes.length;
}

/* In one go: what has a plain name, and is one frame. */
static void write_plainly_named(ab_buffer *out, ab_frame_kind kind, uint64_t id, ab_slice name,
                                ab_slice value)
{
    size_t length = 4 + name.length + value.length;
    char *at = ab_buffer_reserve(out, AB_FRAME_HEADER + length);
    put_header(at, length, kind, 0, id);
    put_number(at + AB_FRAME_HEADER, name.length, 4);
    (void)put_bytes(put_bytes(at + AB_FRAME_HEADER + 4, name), value);
    ab_buffer_wrote(out, AB_FRAME_HEADER + length);
}

/* Most messages: a name, or none, and what is written behind it. */
static void write_named(ab_buffer *out, ab_frame_kind kind, uint64_t id, ab_slice name,
                        ab_slice value)
{
    if (name.length < AB_FRAME_PAYLOAD / 2 && value.length < AB_FRAME_PAYLOAD / 2 &&
        ab_utf8_is_ascii(name.bytes, name.length)) {
        write_plainly_named(out, kind, id, name, value);
        return;
    }
    size_t at = begin(out, 4 + name.length + value.length);
    write_name(out, name);
    ab_buffer_append(out, value.bytes, value.length);
    finish(out, at, kind, 0, id);
}

static void write_plain(ab_buffer *out, ab_frame_kind kind, uint64_t id, ab_slice value)
{
    size_t at = ab_buffer_length(out);
    (void)put_bytes(ab_buffer_reserve(out, AB_FRAME_HEADER + value.length) + AB_FRAME_HEADER,
                    value);
    ab_buffer_wrote(out, AB_FRAME_HEADER + value.length);
    finish(out, at, kind, 0, id);
}

static void write_counted(ab_buffer *out, ab_frame_kind kind, uint64_t id, uint64_t number)
{
    size_t at = begin(out, 8);
    write_number(out, number, 8);
    finish(out, at, kind, 0, id);
}

static void write_reason(ab_buffer *out, ab_frame_kind kind, uint64_t id, autobus_result code,
                         const char *text)
{
    size_t at = begin(out, 1);
    write_number(out, ab_frame_of_code(code), 1);
    write_text(out, ab_slice_of(text != NULL ? text : ""));
    finish(out, at, kind, 0, id);
}

static void write_call(ab_buffer *out, uint64_t id, ab_slice name, ab_slice arguments)
{
    write_named(out, AB_FRAME_CALL, id, name, arguments);
}

static void write_subscribe(ab_buffer *out, ab_verb verb, ab_slice name)
{
    static const ab_frame_kind verbs[] = {
        [AB_VERB_WATCH] = AB_FRAME_WATCH,
        [AB_VERB_UNWATCH] = AB_FRAME_UNWATCH,
        [AB_VERB_LISTEN] = AB_FRAME_LISTEN,
        [AB_VERB_UNLISTEN] = AB_FRAME_UNLISTEN,
    };
    write_named(out, verbs[verb], 0, name, (ab_slice){0});
}

static void write_ping(ab_buffer *out, uint64_t id)
{
    write_plain(out, AB_FRAME_PING, id, (ab_slice){0});
}

/* An id came as 8 bytes, and goes back so. */
static uint64_t number_of(ab_value id)
{
    uint64_t number = 0;
    if (id.text.length == sizeof number)
        memcpy(&number, id.text.bytes, sizeof number);
    return le64toh(number);
}

static void write_response(ab_buffer *out, ab_value id, const char *key, ab_slice value)
{
    write_plain(out, key != NULL ? AB_FRAME_RESULT : AB_FRAME_PONG, number_of(id), value);
}

static void write_error(ab_buffer *out, ab_value id, autobus_result code, const char *text)
{
    write_reason(out, AB_FRAME_ERROR, number_of(id), code, text);
}

static void write_changed(ab_buffer *out, ab_slice name, const ab_slice *value)
{
    write_named(out, value != NULL ? AB_FRAME_CHANGED : AB_FRAME_GONE, 0, name,
                value != NULL ? *value : (ab_slice){0});
}

static void write_fired(ab_buffer *out, ab_slice name, ab_slice arguments)
{
    write_named(out, AB_FRAME_FIRED, 0, name, arguments);
}

static void write_unbound(ab_buffer *out, const char *text)
{
    size_t at = begin(out, 0);
    write_text(out, ab_slice_of(text));
    finish(out, at, AB_FRAME_UNBOUND, 0, 0);
}

static void write_open(ab_buffer *out, uint64_t channel, ab_slice name, bool is_stream,
                       uint64_t window, ab_slice argument)
{
    size_t at = begin(out, 12 + name.length + argument.length);
    write_number(out, window, 8);
    write_name(out, name);
    ab_buffer_append(out, argument.bytes, argument.length);
    finish(out, at, AB_FRAME_OPEN, is_stream ? AB_FRAME_STREAM : 0, channel);
}

static void write_opened(ab_buffer *out, uint64_t channel, uint64_t window)
{
    write_counted(out, AB_FRAME_OPENED, channel, window);
}

static void write_data(ab_buffer *out, uint64_t channel, ab_slice value)
{
    write_plain(out, AB_FRAME_DATA, channel, value);
}

static void write_blob(ab_buffer *out, uint64_t channel, const void *bytes, size_t length)
{
    write_plain(out, AB_FRAME_BLOB, channel, (ab_slice){bytes, length});
}

static void write_blob_head(char *head, uint64_t channel, size_t length)
{
    put_header(head, length, AB_FRAME_BLOB, 0, channel);
}

static void write_credit(ab_buffer *out, uint64_t channel, uint64_t bytes)
{
    write_counted(out, AB_FRAME_CREDIT, channel, bytes);
}

static void write_end(ab_buffer *out, uint64_t channel)
{
    write_plain(out, AB_FRAME_END, channel, (ab_slice){0});
}

static void write_close(ab_buffer *out, uint64_t channel, autobus_result code, const char *text)
{
    write_reason(out, AB_FRAME_CLOSE, channel, code, text);
}

void ab_frames_name_session(char *bytes, size_t length, uint16_t session)
{
    for (size_t at = 0; at + AB_FRAME_HEADER <= length;
         at += AB_FRAME_HEADER + ab_frame_read_head(bytes + at).length)
        put_number(bytes + at + 6, session, 2);
}

static void write_of_session(ab_buffer *out, ab_frame_kind kind, uint16_t session)
{
    size_t at = ab_buffer_length(out);
    write_plain(out, kind, 0, (ab_slice){0});
    put_number(ab_buffer_bytes(out) + at + 6, session, 2);
}

void ab_frames_write_bind(ab_buffer *out, uint16_t session, ab_slice service, uint64_t credit)
{
    size_t at = begin(out, 12 + service.length);
    write_number(out, credit, 8);
    write_name(out, service);
    finish(out, at, AB_FRAME_BIND, 0, 0);
    ab_frames_name_session(ab_buffer_bytes(out) + at, ab_buffer_length(out) - at, session);
}

void ab_frames_write_bound(ab_buffer *out, uint16_t session)
{
    write_of_session(out, AB_FRAME_BOUND, session);
}

void ab_frames_write_unbind(ab_buffer *out, uint16_t session)
{
    write_of_session(out, AB_FRAME_UNBIND, session);
}

void ab_frames_write_grant(ab_buffer *out, uint16_t session, uint64_t credit)
{
    size_t at = ab_buffer_length(out);
    write_counted(out, AB_FRAME_GRANT, 0, credit);
    put_number(ab_buffer_bytes(out) + at + 6, session, 2);
}

const ab_codec ab_codec_frames = {
    .place = AB_CODEC_FRAMES,
    .around = AB_FRAME_HEADER,
    .call = write_call,
    .subscribe = write_subscribe,
    .ping = write_ping,
    .response = write_response,
    .error = write_error,
    .changed = write_changed,
    .fired = write_fired,
    .unbound = write_unbound,
    .open = write_open,
    .opened = write_opened,
    .data = write_data,
    .blob = write_blob,
    .blob_head = write_blob_head,
    .credit = write_credit,
    .end = write_end,
    .close = write_close,
};
