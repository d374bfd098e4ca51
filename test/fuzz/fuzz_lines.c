/* SPDX-License-Identifier: MIT
 * Any bytes as a stream of lines. The first two bytes say how it is cut; cut and whole give the same lines,
 * and every message that is read can be answered with a line that is read too. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "wire/fields.h"
#include "wire/lines.h"
#include "wire/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define LIMIT 1024

static void check_answer(const ab_buffer *out)
{
    ab_slice line, all = {ab_buffer_bytes(out), ab_buffer_length(out)};
    size_t searched = 0, taken;
    ab_message answer;
    /* An id may be as long as a line; what surrounds it is ours. */
    assert(ab_line_next(all, 8 * LIMIT, &searched, &line, &taken) == AB_LINE_READY);
    assert(taken == all.length && ab_message_read(&answer, line));
    assert(answer.type == AB_MESSAGE_RESPONSE);
}

static void check_page(const ab_message *message)
{
    ab_presence presence;
    ab_value services, info;
    ab_services_walk walk;
    ab_slice written;
    bool has_more;
    char room[8 * LIMIT];
    if (!ab_read_services(message, &presence, &services, &has_more))
        return;
    assert(presence.port > 0);
    ab_services_begin(&walk, services);
    while (ab_services_next(&walk, &written, &info))
        assert(ab_packet_id(written, room) <= AB_FIELD_ID);
}

/* What is read of a channel reads the same once it is written again. */
static void check_channel(const ab_message *message)
{
    ab_channel_line line;
    char room[8 * LIMIT];
    size_t length;
    if (!ab_read_channel(message, &line) || line.command == AB_CHANNEL_NONE)
        return;
    assert(line.channel > 0 && line.code < AUTOBUS_WRONG_THREAD);
    if (!ab_read_base64(line.blob, room, &length))
        return;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    ab_write_blob(&out, line.channel, room, length);
    ab_message again;
    ab_channel_line read;
    char other[8 * LIMIT];
    size_t other_length;
    assert(ab_message_read(&again, (ab_slice){ab_buffer_bytes(&out), ab_buffer_length(&out) - 2}));
    assert(ab_read_channel(&again, &read) && read.command == AB_CHANNEL_BLOB);
    assert(ab_read_base64(read.blob, other, &other_length) && other_length == length);
    assert(memcmp(room, other, length) == 0);
}

static void check_usage(const ab_message *message)
{
    char room[8 * LIMIT];
    ab_slice text;
    uint64_t id;
    autobus_result code = ab_read_error(message, room, &text);
    assert(code != AUTOBUS_OK && code < AUTOBUS_WRONG_THREAD && text.length <= LIMIT);
    if (ab_read_name(message, room, &text))
        assert(text.length <= LIMIT);
    if (ab_read_answer_id(message, &id))
        assert(message->id.text.length <= 22);
    check_channel(message);
}

static void check_message(const ab_message *message)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    ab_value service;
    bool is_autobus;
    char room[8 * LIMIT];
    uint64_t bus = 1;
    if (ab_read_bind(message, &service, &is_autobus)) {
        ab_slice plain = {room, ab_scan_string(service, room)};
        ab_write_bound(&out, message->id, service.kind == AB_KIND_NULL ? NULL : &plain,
                       is_autobus ? &bus : NULL, ab_read_frames(message));
    } else {
        ab_write_error(&out, message->id, "No.");
    }
    check_answer(&out);
    check_page(message);
    check_usage(message);
}

/* Appends the lines, each with a bar behind it, and how it ended. */
static void read_in_pieces(const char *bytes, size_t length, size_t cut, ab_buffer *got)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer in;
    ab_buffer_init(&in);
    size_t searched = 0, taken;
    for (size_t at = 0; at < length; at += cut) {
        ab_buffer_append(&in, bytes + at, AB_MIN(cut, length - at));
        ab_line_state state = AB_LINE_READY;
        while (state == AB_LINE_READY) {
            ab_slice line, all = {ab_buffer_bytes(&in), ab_buffer_length(&in)};
            state = ab_line_next(all, LIMIT, &searched, &line, &taken);
            if (state == AB_LINE_LONG) {
                ab_buffer_append_text(got, "LONG");
                return;
            }
            ab_message message;
            if (state == AB_LINE_READY) {
                assert(line.length > 0 && line.length <= LIMIT &&
                       memchr(line.bytes, '\n', line.length) == NULL);
                ab_buffer_append(got, line.bytes, line.length);
                ab_buffer_append_text(got, "|");
                if (ab_message_read(&message, line))
                    check_message(&message);
            }
            if (taken > 0) {
                ab_buffer_consume(&in, taken);
                searched = 0;
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    pieces_judge(bytes, length, read_in_pieces);
    return 0;
}
