/* SPDX-License-Identifier: MIT
 * What Autobus 2 peers really sent is read, and what we send in its place says the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/recording.h"
#include "value/json.h"
#include "wire/datagram.h"
#include "wire/lines.h"

static const char *const datagrams[] = {"udp_query", "udp_add", "udp_remove",
                                        "udp_query_and_answers"};
static const char *const connections[] = {"bind_ok",   "bind_fail",       "bind_fail_reply_lost",
                                          "bind_null", "bind_extra_keys", "not_bound",
                                          "ping",      "unknown_command", "malformed_line"};

static bool says_the_same(ab_slice a, ab_slice b)
{
    AB_SCOPED(ab_json_put) json_object *one = NULL;
    AB_SCOPED(ab_json_put) json_object *other = NULL;
    return ab_json_parse(a, false, &one) && ab_json_parse(b, false, &other) &&
           json_object_equal(one, other);
}

static void write_like(const ab_packet *packet, ab_buffer *out)
{
    char id[AB_DATAGRAM_MAX];
    ab_slice plain = {id, ab_packet_id(packet->service, id)};
    if (packet->kind == AB_PACKET_ADD)
        ab_datagram_add(out, packet->port, plain, packet->info.text, NULL);
    else if (packet->kind == AB_PACKET_REMOVE)
        ab_datagram_remove(out, packet->port, plain, NULL);
    else
        ab_buffer_append_text(out, "{\"command\":\"query\"}");
}

Test(recordings, of_datagrams_are_read_and_said_again)
{
    for (size_t i = 0; i < sizeof datagrams / sizeof datagrams[0]; i++) {
        recording *heard = recording_read(datagrams[i]);
        cr_assert_gt(heard->count, 0);
        for (size_t k = 0; k < heard->count; k++) {
            ab_slice bytes = {heard->units[k].bytes, heard->units[k].length};
            ab_packet packet;
            bool is_unknown;
            cr_assert(ab_datagram_decode(&packet, bytes.bytes, bytes.length, &is_unknown), "%s",
                      bytes.bytes);
            cr_assert_not(packet.has_bus);
            AB_SCOPED(ab_buffer_fini) ab_buffer out;
            ab_buffer_init(&out);
            write_like(&packet, &out);
            ab_slice written = {ab_buffer_bytes(&out), ab_buffer_length(&out)};
            cr_assert(says_the_same(written, bytes), "%.*s", (int)written.length, written.bytes);
        }
        recording_free(heard);
    }
}

Test(recordings, of_connections_are_lines_with_messages)
{
    for (size_t i = 0; i < sizeof connections / sizeof connections[0]; i++) {
        recording *heard = recording_read(connections[i]);
        for (size_t k = 0; k < heard->count; k++) {
            const recorded *unit = &heard->units[k];
            if (strcmp(unit->event, "data") != 0)
                continue;
            ab_slice line;
            size_t searched = 0, taken;
            ab_slice bytes = {unit->bytes, unit->length};
            cr_assert_eq(ab_line_next(bytes, 65536, &searched, &line, &taken), AB_LINE_READY);
            cr_assert_eq(taken, unit->length);
            ab_message message;
            cr_assert_eq(ab_message_read(&message, line), !ab_slice_is(line, "{oops"), "%s",
                         unit->bytes);
        }
        recording_free(heard);
    }
}
