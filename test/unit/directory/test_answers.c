/* SPDX-License-Identifier: MIT
 * Questions and answers: who is answered, how often, how much, and by whom not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;
static wire_node *lamp;

/* What one node sent, as counted by the spy. */
static const wire_node *watched;
static size_t direct, direct_bytes, to_each, to_loopback, longest;

static void count_answers(wire_node *from, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                          const char *bytes, size_t length)
{
    (void)to, (void)bytes;
    if (from != watched)
        return;
    if (kind == AB_PACKET_QUERY) {
        to_loopback += reach == AB_REACH_LOOPBACK;
        return;
    }
    direct += reach == AB_REACH_ONE;
    direct_bytes += reach == AB_REACH_ONE ? length : 0;
    to_each += reach == AB_REACH_EACH;
    if (reach == AB_REACH_ONE && length > longest)
        longest = length;
}

static void make_net(void)
{
    net = wire_net_new(5);
    ab_directory_config rare = wire_config(net);
    rare.presence = AB_MS(30000); /* what it says unasked does not disturb the count */
    lamp = wire_bus(net, 0, &rare);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(3000));
    watched = lamp;
    direct = direct_bytes = to_each = to_loopback = longest = 0;
    net->spy = count_answers;
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(answers, .init = make_net, .fini = free_net);

/* A question as another bus would put it. */
static const char *ask_as(uint64_t bus, size_t size)
{
    static char text[2048];
    snprintf(text, sizeof text, "{\"command\":\"query\",\"bus\":\"%016llx\",\"pad\":\"",
             (unsigned long long)bus);
    size_t length = strlen(text);
    while (length + 2 < size)
        text[length++] = '.';
    snprintf(text + length, sizeof text - length, "\"}");
    return text;
}

static ab_origin from_host(unsigned host)
{
    ab_address from = wire_address(host, 45000);
    return wire_origin(&from);
}

Test(answers, are_asked_for_again_and_again_while_nobody_gives_any)
{
    wire_net *empty = wire_net_new(3);
    wire_node *alone = wire_bus(empty, 0, NULL);
    wire_run(empty, AB_MS(50));
    uint64_t copies = ab_directory_stat(alone->directory, AUTOBUS_STAT_SENT_QUERY);
    wire_run(empty, AB_MS(500));
    cr_expect_eq(ab_directory_stat(alone->directory, AUTOBUS_STAT_SENT_QUERY), 6 * copies);
    wire_run(empty, AB_MS(10000));
    cr_expect_eq(ab_directory_stat(alone->directory, AUTOBUS_STAT_SENT_QUERY), 9 * copies);
    wire_net_free(empty);
}

/* All it offers, in one packet: whoever hears it may be unable to ask. */
Test(answers, are_given_unasked_by_who_gets_none)
{
    wire_net *empty = wire_net_new(3);
    wire_node *alone = wire_bus(empty, 0, NULL);
    watched = alone;
    empty->spy = count_answers;
    wire_publish(alone, "lamp", LAMP);
    wire_run(empty, AB_MS(90));
    cr_expect_eq(to_each, 0);
    wire_run(empty, AB_MS(50));
    cr_expect_eq(to_each, 1);
    wire_run(empty, AB_MS(700));
    cr_expect_eq(to_each, 1);
    wire_net_free(empty);
    watched = wire_bus(net, 1, NULL);
    wire_run(net, AB_MS(900));
    cr_expect_eq(to_each, 1, "somebody else was there");
}

Test(answers, go_to_each_asker_once_in_a_tenth_of_a_second)
{
    ab_origin origin = from_host(9);
    for (int copy = 0; copy < 4; copy++)
        wire_inject(lamp, &origin, ask_as(77, AB_QUERY_SIZE));
    cr_assert_eq(direct, 1);
    wire_run(net, AB_MS(99));
    wire_inject(lamp, &origin, ask_as(77, AB_QUERY_SIZE));
    cr_assert_eq(direct, 1);
    wire_run(net, AB_MS(2));
    wire_inject(lamp, &origin, ask_as(77, AB_QUERY_SIZE));
    cr_assert_eq(direct, 2);
}

Test(answers, are_never_longer_than_three_questions)
{
    for (int i = 0; i < 40; i++) {
        char id[16];
        snprintf(id, sizeof id, "more-%02d", i);
        wire_publish(lamp, id, LAMP);
    }
    wire_run(net, AB_MS(5000));
    for (size_t size = 60; size <= 600; size += 20) {
        direct_bytes = 0;
        ab_origin origin = from_host(9);
        wire_inject(lamp, &origin, ask_as(1000 + size, size));
        wire_run(net, AB_MS(500));
        cr_assert_leq(direct_bytes, 3 * size, "%zu bytes for %zu", direct_bytes, size);
        cr_assert_leq(longest, AB_DATAGRAM_GOOD);
    }
    cr_assert_geq(longest, 1300, "a full question gets a full answer, not %zu", longest);
}

Test(answers, take_turns_when_not_all_fits)
{
    for (int i = 0; i < 60; i++) {
        char id[16];
        snprintf(id, sizeof id, "more-%02d", i);
        wire_publish(lamp, id, LAMP);
    }
    wire_run(net, AB_MS(10000));
    net->spy = NULL;
    /* A peer that cannot fetch learns all by asking again. */
    net->is_tcp_dead = true;
    wire_node *late = wire_bus(net, 3, NULL);
    wire_run(net, AB_MS(60000));
    cr_assert(wire_knows(late, 61), "%zu of 61", late->event_count);
}

Test(answers, to_many_at_once_are_one_to_all)
{
    for (unsigned i = 0; i < 50; i++) {
        ab_origin origin = from_host(20 + i);
        wire_inject(lamp, &origin, ask_as(500 + i, AB_QUERY_SIZE));
    }
    wire_run(net, AB_MS(50));
    cr_assert_eq(direct, 2);
    cr_assert_eq(to_each, 1);
}

Test(answers, to_ever_more_are_ten_a_second)
{
    for (unsigned i = 0; i < 1000; i++) {
        ab_origin origin = from_host(20 + i % 100);
        wire_inject(lamp, &origin, ask_as(500 + i, AB_QUERY_SIZE));
        wire_run(net, AB_MS(1));
    }
    cr_assert_leq(direct, 2);
    cr_assert_leq(to_each, 13, "%zu", to_each);
}

Test(answers, of_two_hundred_buses_are_spread_in_time)
{
    for (unsigned i = 1; i < 200; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%u", i);
        wire_publish(wire_bus(net, i, NULL), id, LAMP);
    }
    wire_run(net, AB_MS(30000));
    wire_node *late = wire_bus(net, 300, NULL);
    uint64_t before = net->delivered;
    size_t most = 0;
    for (int ms = 0; ms < 250; ms++) {
        uint64_t earlier = net->delivered;
        wire_run(net, AB_MS(1));
        if (ms > 0)
            most = AB_MAX(most, net->delivered - earlier);
    }
    cr_assert(wire_knows(late, 200), "%zu", late->event_count);
    cr_assert_leq(most, 15, "%zu packets in one millisecond", most);
    cr_log_info("%u packets in all\n", (unsigned)(net->delivered - before));
}

Test(answers, are_left_out_by_those_who_see_that_they_are_known)
{
    wire_node *others[5];
    for (unsigned i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%u", i);
        others[i] = wire_bus(net, 1 + i, NULL);
        wire_publish(others[i], id, LAMP);
    }
    wire_run(net, AB_MS(10000));
    wire_node *late = wire_bus(net, 9, NULL);
    ab_directory_want(late->directory, net->now, true);
    wire_touch(late);
    wire_run(net, AB_MS(20));
    cr_assert_eq(late->event_count, 6);
    direct = to_each = 0;
    wire_run(net, AB_MS(6000));
    cr_assert_eq(direct + to_each, 0, "it asked five times more, and knew us");
    /* One that it does not know answers alone. */
    wire_node *quiet = wire_bus(net, 10, NULL);
    wire_part(net, 10, 1);
    wire_publish(quiet, "quiet", LAMP);
    wire_run(net, AB_MS(2000));
    wire_part(net, 10, 0);
    ab_directory_want(late->directory, net->now, false);
    ab_directory_want(late->directory, net->now, true);
    wire_touch(late);
    direct = 0;
    wire_run(net, AB_MS(20));
    cr_assert_str_eq(wire_story_from(late, 6), "+quiet");
    cr_assert_leq(direct, 1);
}

Test(answers, are_not_given_by_a_bus_with_nothing_to_offer)
{
    wire_node *empty = wire_bus(net, 1, NULL);
    wire_run(net, AB_MS(3000));
    watched = empty;
    direct = to_each = 0;
    ab_origin origin = from_host(9);
    wire_inject(empty, &origin, ask_as(77, AB_QUERY_SIZE));
    wire_run(net, AB_MS(1000));
    cr_assert_eq(direct + to_each, 0);
}

Test(answers, are_limited_for_each_source)
{
    size_t asked = 0;
    for (unsigned i = 0; i < 400; i++) {
        ab_origin origin = from_host(9);
        origin.is_near = false; /* far ones are always answered directly */
        (void)origin;
    }
    ab_directory_config config = wire_config(net);
    config.allow_routed = true;
    wire_node *open = wire_bus(net, 2, &config);
    wire_publish(open, "open", LAMP);
    wire_run(net, AB_MS(3000));
    watched = open;
    direct = 0;
    ab_origin origin = from_host(9);
    origin.is_near = false;
    for (unsigned i = 0; i < 400; i++, asked++) {
        wire_inject(open, &origin, ask_as(3000 + i, AB_QUERY_SIZE));
        wire_run(net, AB_MS(1));
    }
    cr_assert_leq(direct, 50 + 400 / 50 + 4, "%zu answers to %zu questions", direct, asked);
    cr_assert_gt(ab_directory_stat(open->directory, AUTOBUS_STAT_DROPPED_RATE), 0);
}

Test(answers, come_from_every_process_when_the_question_was_for_the_host)
{
    wire_node *second = wire_bus(net, 0, NULL), *third = wire_bus(net, 0, NULL);
    wire_publish(second, "second", LAMP);
    wire_publish(third, "third", LAMP);
    wire_run(net, AB_MS(3000));
    /* On another link, so that only the question by name gets there. */
    wire_move(net, 7, 1);
    wire_node *asker = wire_bus(net, 7, NULL);
    ab_address peer = wire_address(0, WIRE_PORT);
    ab_directory_peers(asker->directory, net->now, &peer, 1);
    wire_touch(asker);
    watched = third;
    to_loopback = 0;
    for (size_t i = 0; i < 3; i++) {
        ab_address back = wire_address(7, WIRE_PORT);
        ab_directory_peers(net->nodes[i]->directory, net->now, &back, 1);
        wire_touch(net->nodes[i]);
    }
    wire_run(net, AB_MS(100));
    cr_assert_eq(asker->event_count, 3, "%s", wire_story(asker));
    cr_assert_geq(to_loopback, 1, "the one that got it passed it on");
    uint64_t passed = to_loopback;
    wire_run(net, AB_MS(60000));
    cr_assert_leq(to_loopback - passed, 20, "nobody passes on what was passed on");
    cr_assert_eq(asker->event_count, 3, "%s", wire_story(asker));
}

Test(answers, may_not_be_ordered_for_somebody_else_from_outside)
{
    char text[1024];
    ab_origin origin = from_host(9);
    snprintf(
        text, sizeof text,
        "{\"command\":\"query\",\"bus\":\"0000000000000077\",\"for\":\"10.0.0.77:4000\",\"pad\":\"%0400d\"}",
        0);
    wire_inject(lamp, &origin, text);
    wire_run(net, AB_MS(1000));
    cr_assert_eq(direct + to_each, 0);
    cr_assert_eq(ab_directory_stat(lamp->directory, AUTOBUS_STAT_DROPPED_ROUTED), 1);
}

Test(answers, to_strangers_from_afar_are_not_given)
{
    ab_origin origin = from_host(9);
    origin.is_near = false;
    wire_inject(lamp, &origin, ask_as(77, AB_QUERY_SIZE));
    wire_inject(lamp, &origin, "{\"command\":\"query\"}");
    wire_inject(lamp, &origin, "{\"command\":\"add\",\"port\":7,\"service\":\"x\",\"info\":{}}");
    wire_run(net, AB_MS(1000));
    cr_assert_eq(direct + to_each, 0);
    cr_assert_eq(lamp->event_count, 1);
    cr_assert_eq(ab_directory_stat(lamp->directory, AUTOBUS_STAT_DROPPED_ROUTED), 3);
    cr_assert_eq(ab_directory_stat(lamp->directory, AUTOBUS_STAT_HEARD_QUERY), 0);
}

/* A hundred start at the same time, with a hundred services each. */
Test(answers, do_not_drown_a_cold_start, .timeout = 120)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    unsigned buses = scale != NULL && atof(scale) >= 1 ? 100 : 40;
    wire_net *town = wire_net_new(9);
    town->weather.copies = 3;
    for (unsigned i = 0; i < buses; i++) {
        wire_node *node = wire_bus(town, i, NULL);
        node->listens = false;
        ab_directory_want(node->directory, town->now, true);
        for (unsigned k = 0; k < 100; k++) {
            char id[32];
            snprintf(id, sizeof id, "service-%u-%u", i, k);
            wire_publish(node, id, "{\"type\":\"lamp\",\"hostname\":\"box\",\"room\":\"hall\"}");
        }
    }
    wire_run(town, AB_MS(5000));
    for (size_t i = 0; i < town->count; i++)
        cr_assert(wire_knows(town->nodes[i], (size_t)buses * 100));
    cr_log_info("%u buses: %u packets delivered, %u on the link\n", buses,
                (unsigned)town->delivered, (unsigned)town->link_packets);
    cr_assert_leq(town->delivered, 30 * buses * buses + 20000);
    wire_run(town, AB_MS(30000));
    uint64_t before = town->link_bytes;
    wire_run(town, AB_MS(60000));
    cr_assert_leq((town->link_bytes - before) / 60, 4000, "steady traffic");
    wire_net_free(town);
}
