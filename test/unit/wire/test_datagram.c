/* SPDX-License-Identifier: MIT
 * What is a discovery datagram and what is none. */
#include "wire/datagram.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define PRESENCE                                                                                        \
    "\"bus\":\"00000000000000b5\",\"seq\":7,\"port\":4711,\"count\":2,\"digest\":\"0123456789abcdef\"," \
    "\"interval\":10000"

static bool decodes(ab_packet *packet, const char *text)
{
    bool is_unknown;
    return ab_datagram_decode(packet, text, strlen(text), &is_unknown);
}

static bool is_fine(const char *text)
{
    ab_packet packet;
    return decodes(&packet, text);
}

Test(datagram, of_a_legacy_query_has_no_name)
{
    ab_packet packet;
    cr_assert(decodes(&packet, "{\"command\": \"query\"}"));
    cr_assert_eq(packet.kind, AB_PACKET_QUERY);
    cr_assert_eq(packet.size, 20);
    cr_assert_not(packet.has_bus);
    cr_assert_not(packet.has_presence);
    cr_assert_not(packet.waits);
    cr_assert_not(packet.has_known);
    cr_assert_not(packet.has_asker);
}

Test(datagram, of_a_legacy_add_keeps_the_info_as_it_was_sent)
{
    ab_packet packet;
    cr_assert(
        decodes(&packet,
                "{\"info\": {\"n\":  NaN, \"type\": \"x\"}, \"command\": \"add\", \"port\": 57837, "
                "\"service\": \"a-1\"}"));
    cr_assert_eq(packet.kind, AB_PACKET_ADD);
    cr_assert_eq(packet.port, 57837);
    cr_assert(ab_slice_is(packet.service, "a-1"));
    cr_assert(ab_slice_is(packet.info.text, "{\"n\":  NaN, \"type\": \"x\"}"));
}

Test(datagram, may_have_blanks_and_line_ends_around_it)
{
    cr_assert(is_fine(" \t{\"command\":\"query\"}\r\n"));
    cr_assert(is_fine("\r\n{\"command\":\"query\"}  "));
    cr_assert_not(is_fine("{\"command\":\"query\"} x"));
    cr_assert_not(is_fine("{\"command\":\"query\"}{\"command\":\"query\"}"));
}

Test(datagram, that_is_no_object_with_a_command_is_malformed)
{
    static const char *const wrong[] = {
        "",
        " ",
        "\r\n",
        "null",
        "[]",
        "\"query\"",
        "query",
        "{",
        "{}",
        "{\"command\":1}",
        "{\"command\":null}",
        "{\"command\":[\"query\"]}",
        "{'command':'query'}",
        "{\"command\":\"query\",}",
        "{\"Command\":\"query\"}",
        "{\"command\":\"query\"",
        "\xff\xfe",
        "{\"command\":\"query\",\"x\":\"\xff\"}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_not(is_fine(wrong[i]), "%s", wrong[i]);
}

Test(datagram, with_an_unknown_command_is_told_apart_from_noise)
{
    ab_packet packet;
    bool is_unknown = false;
    cr_assert_not(ab_datagram_decode(&packet, "{\"command\":\"dance\"}", 19, &is_unknown));
    cr_assert(is_unknown);
    cr_assert_not(ab_datagram_decode(&packet, "{\"command\":\"dance\"", 18, &is_unknown));
    cr_assert_not(is_unknown);
    cr_assert_not(ab_datagram_decode(&packet, "{\"command\":\"add\"}", 17, &is_unknown));
    cr_assert_not(is_unknown);
}

Test(datagram, needs_a_port_of_the_usual_range)
{
    static const char *const ports[] = {"0",    "-1",   "65536", "1e99", "\"80\"",
                                        "null", "true", "[80]",  "80.5", "NaN"};
    char text[200];
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"command\":\"add\",\"port\":%s,\"service\":\"a\",\"info\":{}}", ports[i]);
        cr_expect_not(is_fine(text), "%s", text);
        snprintf(text, sizeof text, "{\"command\":\"remove\",\"port\":%s,\"service\":\"a\"}",
                 ports[i]);
        cr_expect_not(is_fine(text), "%s", text);
    }
    cr_assert(is_fine("{\"command\":\"remove\",\"port\":1,\"service\":\"a\"}"));
    cr_assert(is_fine("{\"command\":\"remove\",\"port\":65535,\"service\":\"a\"}"));
    cr_assert_not(is_fine("{\"command\":\"remove\",\"service\":\"a\"}"));
}

Test(datagram, needs_a_service_id_that_can_be_one)
{
    static const char *const wrong[] = {
        "\"\"", "5", "null", "[\"a\"]", "{}", "\"a\\u0000b\"", "\"\\ud800\\u0000\""};
    char text[200];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text, "{\"command\":\"add\",\"port\":80,\"service\":%s,\"info\":{}}",
                 wrong[i]);
        cr_expect_not(is_fine(text), "%s", text);
    }
    cr_assert_not(is_fine("{\"command\":\"add\",\"port\":80,\"info\":{}}"));
}

/* A remove whose id is `one`, repeated. */
static bool is_fine_with_id(const char *one, size_t times)
{
    char text[8192] = "{\"command\":\"remove\",\"port\":80,\"service\":\"";
    for (size_t i = 0; i < times; i++)
        strcat(text, one);
    strcat(text, "\"}");
    return is_fine(text);
}

Test(datagram, takes_ids_of_up_to_1024_bytes_however_they_are_written)
{
    cr_assert(is_fine_with_id("a", 1024));
    cr_assert_not(is_fine_with_id("a", 1025));
    cr_assert(is_fine_with_id("\\u0061", 1024));
    cr_assert_not(is_fine_with_id("\\u0061", 1025));
    cr_assert(is_fine_with_id("\\u00e9", 512));
    cr_assert_not(is_fine_with_id("\\u00e9", 513));
}

Test(datagram, of_an_add_needs_an_info_that_is_a_map)
{
    static const char *const wrong[] = {"null", "[]", "\"{}\"", "1", "true"};
    char text[200];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text,
                 "{\"command\":\"add\",\"port\":80,\"service\":\"a\",\"info\":%s}", wrong[i]);
        cr_expect_not(is_fine(text), "%s", text);
    }
    cr_assert(is_fine("{\"command\":\"add\",\"port\":80,\"service\":\"a\",\"info\":{}}"));
}

Test(datagram, is_at_most_16384_bytes_long)
{
    static char text[AB_DATAGRAM_MAX + 2];
    strcpy(text, "{\"command\":\"query\",\"pad\":\"");
    size_t start = strlen(text);
    memset(text + start, '.', AB_DATAGRAM_MAX - start - 2);
    strcpy(text + AB_DATAGRAM_MAX - 2, "\"}");
    cr_assert(is_fine(text));
    strcpy(text + AB_DATAGRAM_MAX - 2, ".\"}");
    cr_assert_eq(strlen(text), AB_DATAGRAM_MAX + 1);
    cr_assert_not(is_fine(text));
}

Test(datagram, obeys_the_last_of_duplicate_keys)
{
    ab_packet packet;
    cr_assert(decodes(
        &packet,
        "{\"command\":\"query\",\"port\":1,\"service\":\"a\",\"port\":2,\"command\":\"remove\"}"));
    cr_assert_eq(packet.kind, AB_PACKET_REMOVE);
    cr_assert_eq(packet.port, 2);
    cr_assert_not(is_fine("{\"command\":\"remove\",\"port\":1,\"service\":\"a\",\"port\":\"x\"}"));
}

Test(datagram, may_spell_its_keys_with_escapes)
{
    ab_packet packet;
    cr_assert(decodes(&packet, "{\"\\u0063\\u006fmmand\":\"\\u0071uery\"}"));
    cr_assert_eq(packet.kind, AB_PACKET_QUERY);
}

Test(datagram, may_carry_keys_that_nobody_knows)
{
    cr_assert(is_fine(
        "{\"command\":\"query\",\"\":1,\"x\":{\"command\":\"add\"},"
        "\"a-key-that-is-longer-than-any-of-ours\":[[]],\"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\":0}"));
}

Test(datagram, of_presence_tells_all_of_a_bus)
{
    ab_packet packet;
    cr_assert(decodes(&packet,
                      "{\"command\":\"presence\"," PRESENCE
                      ",\"at\":[\"10.0.0.2\"],\"services\":[[\"a\",{}],[\"b\",{\"x\":1}]]}"));
    cr_assert_eq(packet.kind, AB_PACKET_PRESENCE);
    cr_assert(packet.has_bus);
    cr_assert(packet.has_presence);
    cr_assert_eq(packet.bus, 0xb5);
    cr_assert_eq(packet.presence.bus, 0xb5);
    cr_assert_eq(packet.presence.sequence, 7);
    cr_assert_eq(packet.presence.port, 4711);
    cr_assert_eq(packet.presence.count, 2);
    cr_assert_eq(packet.presence.digest, 0x0123456789abcdef);
    cr_assert_eq(packet.presence.interval, 10000);
    cr_assert(ab_slice_is(packet.addresses.text, "[\"10.0.0.2\"]"));

    ab_services_walk walk;
    ab_slice id;
    ab_value info;
    ab_services_begin(&walk, packet.services);
    cr_assert(ab_services_next(&walk, &id, &info));
    cr_assert(ab_slice_is(id, "a") && ab_slice_is(info.text, "{}"));
    cr_assert(ab_services_next(&walk, &id, &info));
    cr_assert(ab_slice_is(id, "b") && ab_slice_is(info.text, "{\"x\":1}"));
    cr_assert_not(ab_services_next(&walk, &id, &info));
}

Test(datagram, without_a_list_of_services_has_none_to_walk)
{
    ab_packet packet;
    cr_assert(decodes(&packet, "{\"command\":\"presence\"," PRESENCE "}"));
    cr_assert_eq(packet.services.kind, AB_KIND_NONE);
    cr_assert_eq(packet.addresses.kind, AB_KIND_NONE);
    ab_services_walk walk;
    ab_slice id;
    ab_value info;
    ab_services_begin(&walk, packet.services);
    cr_assert_not(ab_services_next(&walk, &id, &info));
}

Test(datagram, with_a_half_presence_is_good_only_where_a_legacy_one_is)
{
    ab_packet packet;
    cr_assert(decodes(&packet, "{\"command\":\"add\",\"port\":80,\"service\":\"a\",\"info\":{},"
                               "\"bus\":\"00000000000000b5\",\"seq\":7}"));
    cr_assert(packet.has_bus);
    cr_assert_not(packet.has_presence);
    cr_assert_not(
        is_fine("{\"command\":\"presence\",\"bus\":\"00000000000000b5\",\"seq\":7,\"port\":80}"));
    cr_assert_not(is_fine("{\"command\":\"presence\"}"));
}

Test(datagram, with_a_value_of_presence_out_of_range_is_malformed)
{
    static const char *const wrong[] = {
        "\"seq\":-1",
        "\"seq\":9007199254740992",
        "\"seq\":\"7\"",
        "\"seq\":7.5",
        "\"count\":4294967296",
        "\"count\":-1",
        "\"count\":null",
        "\"interval\":4294967296",
        "\"interval\":{}",
        "\"digest\":\"0123456789abcde\"",
        "\"digest\":\"0123456789abcdeg\"",
        "\"digest\":5",
        "\"bus\":\"xyz\"",
        "\"bus\":181",
        "\"bus\":null",
        "\"bus\":\"00000000000000b55\"",
        "\"port\":0",
        "\"port\":70000",
    };
    char text[400];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text, "{\"command\":\"presence\"," PRESENCE ",%s}", wrong[i]);
        cr_expect_not(is_fine(text), "%s", text);
        snprintf(text, sizeof text, "{\"command\":\"query\"," PRESENCE ",%s}", wrong[i]);
        cr_expect_not(is_fine(text), "%s", text);
    }
    cr_assert(is_fine("{\"command\":\"presence\"," PRESENCE
                      ",\"seq\":9007199254740991,\"count\":4294967295}"));
    cr_assert(is_fine("{\"command\":\"presence\"," PRESENCE ",\"digest\":\"ABCDEFabcdef0000\"}"));
}

Test(datagram, of_a_legacy_peer_may_use_our_words_for_something_else)
{
    ab_packet packet;
    cr_assert(decodes(
        &packet,
        "{\"command\":\"query\",\"waits\":\"long\",\"seq\":\"x\",\"for\":\"me\",\"known\":[]}"));
    cr_assert_not(packet.has_bus);
    cr_assert_not(packet.waits);
    cr_assert_not(packet.has_asker);
}

Test(datagram, of_a_query_says_whom_the_asker_knows)
{
    ab_packet packet;
    cr_assert(decodes(
        &packet, "{\"command\":\"query\",\"bus\":\"00000000000000b5\",\"waits\":true,\"known\":3,"
                 "\"sum\":\"00000000000000ff\"}"));
    cr_assert(packet.waits);
    cr_assert(packet.has_known);
    cr_assert_eq(packet.known, 3);
    cr_assert_eq(packet.sum, 0xff);
    cr_assert(decodes(&packet, "{\"command\":\"query\",\"bus\":\"00000000000000b5\",\"known\":3}"));
    cr_assert_not(packet.has_known);
}

Test(datagram, of_a_query_with_wrong_keys_is_malformed)
{
    static const char *const wrong[] = {"\"waits\":1",
                                        "\"waits\":null",
                                        "\"known\":-1",
                                        "\"known\":4294967296",
                                        "\"sum\":3",
                                        "\"sum\":\"\"",
                                        "\"for\":null",
                                        "\"for\":\"\"",
                                        "\"for\":\":80\"",
                                        "\"for\":\"10.0.0.2\"",
                                        "\"for\":\"10.0.0.2:\"",
                                        "\"for\":\"10.0.0.2:0\"",
                                        "\"for\":\"10.0.0.2:65536\"",
                                        "\"for\":\"10.0.0.2:100000\"",
                                        "\"for\":\"10.0.0.2:-5\"",
                                        "\"for\":\"10.0.0.2:5x\"",
                                        "\"for\":\"somewhere:80\"",
                                        "\"for\":\"fe80::2:80\"",
                                        "\"for\":\"[]:80\"",
                                        "\"for\":\"[:80\"",
                                        "\"for\":\"10.0.0.2\\u0000:80\""};
    char text[400];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text, "{\"command\":\"query\",\"bus\":\"00000000000000b5\",%s}",
                 wrong[i]);
        cr_expect_not(is_fine(text), "%s", text);
    }
}

Test(datagram, passed_on_names_the_asker)
{
    ab_packet packet;
    char text[AB_ADDRESS_TEXT];
    cr_assert(decodes(
        &packet, "{\"command\":\"query\",\"bus\":\"00000000000000b5\",\"for\":\"10.0.0.2:4711\"}"));
    cr_assert(packet.has_asker);
    cr_assert_str_eq(ab_address_text(&packet.asker, text), "10.0.0.2:4711");
    cr_assert(decodes(
        &packet,
        "{\"command\":\"query\",\"bus\":\"00000000000000b5\",\"for\":\"[2001:db8::2]:65535\"}"));
    cr_assert_str_eq(ab_address_text(&packet.asker, text), "[2001:db8::2]:65535");
}

Test(datagram, of_a_suspicion_names_both_buses)
{
    ab_packet packet;
    cr_assert(decodes(
        &packet,
        "{\"command\":\"suspect\",\"bus\":\"00000000000000b5\",\"about\":\"00000000000000c6\"}"));
    cr_assert_eq(packet.kind, AB_PACKET_SUSPECT);
    cr_assert_eq(packet.bus, 0xb5);
    cr_assert_eq(packet.about, 0xc6);
    cr_assert_not(is_fine("{\"command\":\"suspect\",\"about\":\"00000000000000c6\"}"));
    cr_assert_not(is_fine("{\"command\":\"suspect\",\"bus\":\"00000000000000b5\"}"));
    cr_assert_not(is_fine("{\"command\":\"suspect\",\"bus\":\"00000000000000b5\",\"about\":6}"));
}

Test(datagram, list_of_services_ends_at_what_is_no_service)
{
    static const char *const wrong[] = {
        "[[\"a\",{}],{}]",           "[[\"a\",{}],[\"b\"]]",        "[[\"a\",{}],[1,{}]]",
        "[[\"a\",{}],[\"b\",[]]]",   "[[\"a\",{}],[\"\",{}]]",      "[[\"a\",{}],[]]",
        "[[\"a\",{}],[\"b\",{},1]]", "[[\"a\",{}],null,[\"c\",{}]]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ab_value list, info;
        ab_slice id;
        cr_assert(ab_scan(ab_slice_of(wrong[i]), &list));
        ab_services_walk walk;
        ab_services_begin(&walk, list);
        cr_expect(ab_services_next(&walk, &id, &info), "%s", wrong[i]);
        cr_expect_not(ab_services_next(&walk, &id, &info), "%s", wrong[i]);
    }
}

Test(datagram, id_loses_its_escapes)
{
    ab_packet packet;
    char id[64];
    cr_assert(
        decodes(&packet, "{\"command\":\"remove\",\"port\":80,\"service\":\"\\u0061\\n\\u00e9\"}"));
    size_t length = ab_packet_id(packet.service, id);
    cr_assert(ab_slice_is((ab_slice){id, length}, "a\n\xc3\xa9"));
}
