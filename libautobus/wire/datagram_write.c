/* SPDX-License-Identifier: MIT
 * Writing discovery datagrams. Whatever a legacy peer reads comes first, for the eyes of people; nobody may
 * depend on the order. */
#include "wire/datagram.h"

#include <inttypes.h>
#include <string.h>

#include "value/json.h"
#include "wire/fields.h"
#include "wire/presence.h"

void ab_datagram_query(ab_buffer *out, const ab_query *query)
{
    size_t start = ab_buffer_length(out);
    ab_buffer_append_text(out, "{\"command\":\"query\",\"bus\":");
    ab_field_write_hex(out, query->bus);
    ab_buffer_appendf(out, ",\"waits\":%s", query->waits ? "true" : "false");
    if (query->has_known) {
        ab_buffer_appendf(out, ",\"known\":%" PRIu32 ",\"sum\":", query->known);
        ab_field_write_hex(out, query->sum);
    }
    if (query->asker != NULL) {
        char text[AB_ADDRESS_TEXT];
        ab_buffer_append_text(out, ",\"for\":");
        ab_json_print_string(out, ab_slice_of(ab_address_text(query->asker, text)));
    }
    if (query->presence != NULL) {
        ab_buffer_appendf(out, ",\"port\":%u", (unsigned)query->presence->port);
        ab_presence_write_rest(out, query->presence);
    }
    static const char before[] = ",\"pad\":\"", behind[] = "\"}";
    size_t length = ab_buffer_length(out) - start + sizeof before - 1 + sizeof behind - 1;
    ab_buffer_append_text(out, before);
    if (length < AB_QUERY_SIZE) {
        memset(ab_buffer_reserve(out, AB_QUERY_SIZE - length), '.', AB_QUERY_SIZE - length);
        ab_buffer_wrote(out, AB_QUERY_SIZE - length);
    }
    ab_buffer_append_text(out, behind);
}

/* What add and remove have in common; the object stays open. */
static void write_service(ab_buffer *out, const char *command, uint16_t port, ab_slice id)
{
    ab_buffer_appendf(out, "{\"command\":\"%s\",\"port\":%u,\"service\":", command, (unsigned)port);
    ab_json_print_string(out, id);
}

static void write_sender_and_close(ab_buffer *out, const ab_presence *presence)
{
    if (presence != NULL) {
        ab_buffer_append_text(out, ",\"bus\":");
        ab_field_write_hex(out, presence->bus);
        ab_presence_write_rest(out, presence);
    }
    ab_buffer_append_text(out, "}");
}

void ab_datagram_add(ab_buffer *out, uint16_t port, ab_slice id, ab_slice info,
                     const ab_presence *presence)
{
    write_service(out, "add", port, id);
    ab_buffer_append_text(out, ",\"info\":");
    ab_buffer_append(out, info.bytes, info.length);
    write_sender_and_close(out, presence);
}

void ab_datagram_remove(ab_buffer *out, uint16_t port, ab_slice id, const ab_presence *presence)
{
    write_service(out, "remove", port, id);
    write_sender_and_close(out, presence);
}

void ab_datagram_suspect(ab_buffer *out, uint64_t bus, uint64_t about)
{
    ab_buffer_append_text(out, "{\"command\":\"suspect\",\"bus\":");
    ab_field_write_hex(out, bus);
    ab_buffer_append_text(out, ",\"about\":");
    ab_field_write_hex(out, about);
    ab_buffer_append_text(out, "}");
}

/* A scope is an interface of this machine and says nothing to others. */
static void write_host(ab_buffer *out, ab_address address)
{
    char text[AB_ADDRESS_TEXT];
    address.scope = 0;
    ab_json_print_string(out, ab_slice_of(ab_address_host(&address, text)));
}

/* The object is left open behind a number, or, once there are services, behind the last one's bracket: so its
 * last byte tells whether the list has begun. */
static bool has_services(const ab_buffer *out)
{
    return ab_buffer_bytes(out)[ab_buffer_length(out) - 1] == ']';
}

void ab_datagram_presence_begin(ab_buffer *out, const ab_presence *presence,
                                const ab_address *addresses, size_t count)
{
    ab_buffer_append_text(out, "{\"command\":\"presence\",");
    if (count > 0) {
        ab_buffer_append_text(out, "\"at\":[");
        for (size_t i = 0; i < count && i < AB_PACKET_ADDRESSES; i++) {
            if (i > 0)
                ab_buffer_append_text(out, ",");
            write_host(out, addresses[i]);
        }
        ab_buffer_append_text(out, "],");
    }
    ab_presence_write(out, presence);
}

bool ab_datagram_presence_service(ab_buffer *out, ab_slice id, ab_slice info, size_t limit)
{
    size_t before = ab_buffer_length(out);
    /* Without this a long info would be copied first and taken back then. */
    if (before + id.length + info.length > limit)
        return false;
    ab_buffer_append_text(out, has_services(out) ? "," : ",\"services\":[");
    ab_presence_write_service(out, id, info);
    if (ab_buffer_length(out) + sizeof "]}" - 1 <= limit)
        return true;
    ab_buffer_truncate(out, before);
    return false;
}

void ab_datagram_presence_end(ab_buffer *out)
{
    ab_buffer_append_text(out, has_services(out) ? "]}" : "}");
}
