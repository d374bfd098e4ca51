/* SPDX-License-Identifier: MIT
 * What we write is what we read, and what a legacy peer reads. */
#include "wire/datagram.h"

#include <criterion/criterion.h>
#include <string.h>

static const ab_presence presence = {
    .bus = 0xfedcba9876543210,
    .sequence = (UINT64_C(1) << 53) - 1,
    .digest = 0x00000000000000ab,
    .count = 4000000000,
    .interval = 10500,
    .port = 65535,
};

static ab_buffer out;

static void make_buffer(void)
{
    ab_buffer_init(&out);
}

static void free_buffer(void)
{
    ab_buffer_fini(&out);
}

TestSuite(datagram_write, .init = make_buffer, .fini = free_buffer);

static void assert_written(const char *text)
{
    ab_slice written = {ab_buffer_bytes(&out), ab_buffer_length(&out)};
    cr_assert(ab_slice_is(written, text), "%.*s", (int)written.length, written.bytes);
}

static ab_packet read_back(void)
{
    ab_packet packet;
    bool is_unknown;
    cr_assert(
        ab_datagram_decode(&packet, ab_buffer_bytes(&out), ab_buffer_length(&out), &is_unknown));
    return packet;
}

static void assert_presence(const ab_packet *packet)
{
    cr_assert(packet->has_presence);
    cr_assert_eq(packet->bus, presence.bus);
    cr_assert_eq(packet->presence.bus, presence.bus);
    cr_assert_eq(packet->presence.sequence, presence.sequence);
    cr_assert_eq(packet->presence.digest, presence.digest);
    cr_assert_eq(packet->presence.count, presence.count);
    cr_assert_eq(packet->presence.interval, presence.interval);
    cr_assert_eq(packet->presence.port, presence.port);
}

Test(datagram_write, adds_in_the_legacy_form_without_presence)
{
    ab_datagram_add(&out, 80, AB_SLICE("a"), AB_SLICE("{\"type\": \"x\"}"), NULL);
    assert_written(
        "{\"command\":\"add\",\"port\":80,\"service\":\"a\",\"info\":{\"type\": \"x\"}}");
}

Test(datagram_write, removes_in_the_legacy_form_without_presence)
{
    ab_datagram_remove(&out, 80, AB_SLICE("a\"\xc3\xa9\n"), NULL);
    assert_written("{\"command\":\"remove\",\"port\":80,\"service\":\"a\\\"\\u00e9\\n\"}");
}

Test(datagram_write, adds_with_presence)
{
    ab_datagram_add(&out, presence.port, AB_SLICE("a"), AB_SLICE("{ }"), &presence);
    ab_packet packet = read_back();
    cr_assert_eq(packet.kind, AB_PACKET_ADD);
    cr_assert_eq(packet.port, presence.port);
    cr_assert(ab_slice_is(packet.info.text, "{ }"));
    assert_presence(&packet);
}

Test(datagram_write, removes_with_presence)
{
    ab_datagram_remove(&out, presence.port, AB_SLICE("a"), &presence);
    ab_packet packet = read_back();
    cr_assert_eq(packet.kind, AB_PACKET_REMOVE);
    assert_presence(&packet);
}

Test(datagram_write, gives_back_an_id_byte_for_byte)
{
    static const char hard[] = "\"\\/\b\f\n\r\t\x01\x7f caf\xc3\xa9 \xf0\x9f\x92\xa1";
    ab_datagram_remove(&out, 80, AB_SLICE(hard), NULL);
    ab_packet packet = read_back();
    char id[256];
    cr_assert_leq(packet.service.length, sizeof id);
    ab_slice plain = {id, ab_packet_id(packet.service, id)};
    cr_assert(ab_slice_is(plain, hard));
    for (size_t i = 0; i < ab_buffer_length(&out); i++)
        cr_assert((unsigned char)ab_buffer_bytes(&out)[i] < 0x80);
}

Test(datagram_write, pads_every_query_to_one_size)
{
    ab_address asker;
    cr_assert(ab_address_parse(&asker, "2001:db8:1111:2222:3333:4444:5555:6666", 65535));
    for (int i = 0; i < 16; i++) {
        ab_query query = {
            .bus = presence.bus,
            .waits = i & 1,
            .has_known = i & 2,
            .known = UINT32_MAX,
            .sum = UINT64_MAX,
            .presence = i & 4 ? &presence : NULL,
            .asker = i & 8 ? &asker : NULL,
        };
        ab_buffer_truncate(&out, 0);
        ab_datagram_query(&out, &query);
        cr_assert_eq(ab_buffer_length(&out), AB_QUERY_SIZE);
        ab_packet packet = read_back();
        cr_assert_eq(packet.kind, AB_PACKET_QUERY);
        cr_assert_eq(packet.bus, presence.bus);
        cr_assert_eq(packet.waits, query.waits);
        cr_assert_eq(packet.has_known, query.has_known);
        cr_assert_eq(packet.known, query.has_known ? UINT32_MAX : 0);
        cr_assert_eq(packet.sum, query.has_known ? UINT64_MAX : 0);
        cr_assert_eq(packet.has_asker, query.asker != NULL);
        cr_assert(query.asker == NULL || ab_address_equal(&packet.asker, &asker));
        cr_assert_eq(packet.has_presence, query.presence != NULL);
        if (packet.has_presence)
            assert_presence(&packet);
    }
}

Test(datagram_write, names_both_buses_of_a_suspicion)
{
    ab_datagram_suspect(&out, 0xb5, 0xc6);
    ab_packet packet = read_back();
    cr_assert_eq(packet.kind, AB_PACKET_SUSPECT);
    cr_assert_eq(packet.bus, 0xb5);
    cr_assert_eq(packet.about, 0xc6);
}

Test(datagram_write, presence_without_addresses_and_services_is_short)
{
    ab_datagram_presence_begin(&out, &presence, NULL, 0);
    ab_datagram_presence_end(&out);
    ab_packet packet = read_back();
    assert_presence(&packet);
    cr_assert_eq(packet.addresses.kind, AB_KIND_NONE);
    cr_assert_eq(packet.services.kind, AB_KIND_NONE);
    cr_assert_leq(ab_buffer_length(&out), 170);
}

Test(datagram_write, presence_lists_at_most_eight_addresses_without_their_scopes)
{
    ab_address addresses[10];
    for (unsigned i = 0; i < 10; i++)
        addresses[i] = ab_address_v4(0x0a000001 + i, 99);
    cr_assert(ab_address_parse(&addresses[1], "fe80::1", 0));
    addresses[1].scope = 3;
    ab_datagram_presence_begin(&out, &presence, addresses, 10);
    ab_datagram_presence_end(&out);
    ab_packet packet = read_back();
    cr_assert(ab_slice_is(packet.addresses.text,
                          "[\"10.0.0.1\",\"fe80::1\",\"10.0.0.3\",\"10.0.0.4\",\"10.0.0.5\","
                          "\"10.0.0.6\",\"10.0.0.7\",\"10.0.0.8\"]"));
}

Test(datagram_write, presence_takes_services_up_to_the_limit_and_not_a_byte_more)
{
    ab_address address = ab_address_v4(0x0a000001, 0);
    ab_datagram_presence_begin(&out, &presence, &address, 1);
    cr_assert(
        ab_datagram_presence_service(&out, AB_SLICE("a"), AB_SLICE("{\"x\":1}"), AB_DATAGRAM_GOOD));
    size_t before = ab_buffer_length(&out);
    size_t needs = before + strlen(",[\"b\",{}]") + strlen("]}");
    cr_assert_not(ab_datagram_presence_service(&out, AB_SLICE("b"), AB_SLICE("{}"), needs - 1));
    cr_assert_eq(ab_buffer_length(&out), before);
    cr_assert(ab_datagram_presence_service(&out, AB_SLICE("b"), AB_SLICE("{}"), needs));
    ab_datagram_presence_end(&out);
    cr_assert_eq(ab_buffer_length(&out), needs);
    ab_packet packet = read_back();
    cr_assert(ab_slice_is(packet.services.text, "[[\"a\",{\"x\":1}],[\"b\",{}]]"));
}

Test(datagram_write, presence_that_has_no_room_for_the_first_service_stays_whole)
{
    ab_datagram_presence_begin(&out, &presence, NULL, 0);
    cr_assert_not(ab_datagram_presence_service(&out, AB_SLICE("a"), AB_SLICE("{}"),
                                               ab_buffer_length(&out) + 3));
    ab_datagram_presence_end(&out);
    ab_packet packet = read_back();
    cr_assert_eq(packet.services.kind, AB_KIND_NONE);
}

Test(datagram_write, digest_is_the_one_of_the_document)
{
    /* SipHash-2-4 of "a", a zero byte and "{}" with the key 00 01 .. 0f, by an independent implementation. */
    cr_assert_eq(ab_service_digest(AB_SLICE("a"), AB_SLICE("{}")), 0x406b09e64af4150d);
    cr_assert_neq(ab_service_digest(AB_SLICE("a"), AB_SLICE("{ }")),
                  ab_service_digest(AB_SLICE("a"), AB_SLICE("{}")));
    cr_assert_neq(ab_service_digest(AB_SLICE("ab"), AB_SLICE("{}")),
                  ab_service_digest(AB_SLICE("a"), AB_SLICE("b{}")));
}
