/* SPDX-License-Identifier: MIT
 * Peers that know only query, add and remove: we find them, they find us, and nobody is flooded. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP  "{\"type\":\"lamp\"}"
#define QUERY "{\"command\": \"query\"}"

static wire_net *net;
static wire_node *bus;
static size_t adds, add_bytes;
static ab_time first_add;

static void count_adds(wire_node *from, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                       const char *bytes, size_t length)
{
    (void)to, (void)bytes;
    if (from != bus || kind != AB_PACKET_ADD || reach != AB_REACH_LEGACY)
        return;
    if (adds++ == 0)
        first_add = net->now;
    add_bytes += reach == AB_REACH_ALL ? 3 * length : length; /* copies on one link */
}

static void make_net(void)
{
    net = wire_net_new(6);
    bus = wire_bus(net, 0, NULL);
    net->spy = count_adds;
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(legacy, .init = make_net, .fini = free_net);

static void hear(const char *text)
{
    ab_address from = wire_address(5, 34567);
    ab_origin origin = wire_origin(&from);
    wire_inject(bus, &origin, text);
}

static const char *add_of(const char *id)
{
    static char text[256];
    snprintf(text, sizeof text,
             "{\"info\": {\"hostname\": \"vm\", \"type\": \"hello\"}, "
             "\"command\": \"add\", \"port\": 20001, \"service\": \"%s\"}",
             id);
    return text;
}

static const char *remove_of(const char *id)
{
    static char text[256];
    snprintf(text, sizeof text, "{\"command\": \"remove\", \"port\": 20001, \"service\": \"%s\"}",
             id);
    return text;
}

/* A process that accepts connections for that service, and says nothing by itself: its packets are ours. */
static wire_node *old_peer(const char *id)
{
    ab_directory_config config = wire_config(net);
    config.is_silent = true;
    wire_node *peer = wire_bus(net, 5, &config);
    if (id != NULL)
        wire_publish(peer, id, LAMP);
    return peer;
}

Test(legacy, a_service_appears_and_leaves_with_its_packets)
{
    hear(add_of("old"));
    hear(add_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old");
    cr_assert_str_eq(bus->events[0].host, "10.0.0.6:20001");
    cr_assert_eq(ab_directory_stat(bus->directory, AUTOBUS_STAT_LEGACY_BUSES), 1);
    hear(remove_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old -old");
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(bus), "+old -old");
}

Test(legacy, a_removal_takes_away_only_the_location_it_came_from)
{
    hear(add_of("old"));
    ab_address other = ab_address_v4(0x7f000001, 34567);
    ab_origin origin = wire_origin(&other);
    wire_inject(bus, &origin, add_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old ~old", "loopback is better");
    cr_assert_str_eq(bus->events[1].host, "127.0.0.1:20001");
    wire_inject(bus, &origin, remove_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old ~old ~old");
    hear(remove_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old ~old ~old -old");
}

Test(legacy, a_forged_removal_heals_by_itself)
{
    wire_node *peer = old_peer("old");
    (void)peer;
    hear(add_of("old"));
    hear(remove_of("old"));
    ab_time from = net->now;
    cr_assert(wire_run_until_told(net, bus, 3, AB_MS(2500)));
    cr_assert_str_eq(wire_story(bus), "+old -old +old");
    cr_assert_leq(net->now - from, AB_MS(1500));
}

Test(legacy, a_silent_service_is_probed_and_stays)
{
    old_peer("old");
    hear(add_of("old"));
    wire_run(net, AB_MS(300000));
    cr_assert_str_eq(wire_story(bus), "+old");
    uint64_t probes = ab_directory_stat(bus->directory, AUTOBUS_STAT_PROBES);
    cr_assert_geq(probes, 9);
    cr_assert_leq(probes, 11);
}

Test(legacy, a_silent_service_that_is_gone_leaves_after_its_lease)
{
    wire_node *peer = old_peer("old");
    hear(add_of("old"));
    wire_set_state(peer, WIRE_VANISHED);
    ab_time from = net->now;
    cr_assert(wire_run_until_told(net, bus, 2, AB_MS(36000)));
    cr_assert_str_eq(wire_story(bus), "+old -old");
    cr_assert_geq(net->now - from, AB_MS(30000));
}

Test(legacy, one_service_of_a_living_process_may_be_gone)
{
    old_peer("stays");
    hear(add_of("stays"));
    hear(add_of("goes"));
    wire_run(net, AB_MS(40000));
    cr_assert_str_eq(wire_story(bus), "+stays +goes -goes");
}

Test(legacy, repeated_packets_keep_it_without_probes)
{
    hear(add_of("old"));
    for (int i = 0; i < 20; i++) {
        wire_run(net, AB_MS(14000));
        hear(add_of("old"));
    }
    cr_assert_str_eq(wire_story(bus), "+old");
    cr_assert_eq(ab_directory_stat(bus->directory, AUTOBUS_STAT_PROBES), 0);
}

Test(legacy, changed_info_is_a_leaving_and_an_appearing)
{
    hear(add_of("old"));
    hear("{\"command\":\"add\",\"port\":20001,\"service\":\"old\",\"info\":{\"new\":true}}");
    cr_assert_str_eq(wire_story(bus), "+old -old +old");
}

Test(legacy, a_question_is_answered_to_all_within_moments)
{
    wire_publish(bus, "lamp", LAMP);
    wire_run(net, AB_MS(30000));
    adds = 0;
    ab_time from = net->now;
    hear(QUERY);
    wire_run(net, AB_MS(20));
    cr_assert_eq(adds, 1);
    cr_assert_leq(first_add - from, AB_MS(20));
}

Test(legacy, many_questions_are_one_round_in_a_quarter_of_a_second)
{
    wire_publish(bus, "lamp", LAMP);
    wire_run(net, AB_MS(30000));
    adds = 0;
    for (int ms = 0; ms < 1000; ms++) {
        for (int i = 0; i < 3; i++)
            hear(QUERY);
        wire_run(net, AB_MS(1));
    }
    cr_assert_leq(adds, 5, "%zu rounds in a second", adds);
    cr_assert_geq(adds, 3);
}

Test(legacy, rounds_keep_to_their_pace_however_much_there_is_to_say)
{
    for (int i = 0; i < 1000; i++) {
        char id[16];
        snprintf(id, sizeof id, "lamp-%04d", i);
        wire_publish(bus, id, LAMP);
    }
    wire_run(net, AB_MS(200000));
    adds = add_bytes = 0;
    for (int i = 0; i < 1000; i++) {
        hear(QUERY);
        wire_run(net, AB_MS(10));
    }
    cr_assert_leq(add_bytes, 11 * 65536, "%zu bytes in ten seconds", add_bytes);
    cr_assert_geq(add_bytes, 8 * 65536);
    wire_run(net, AB_MS(3000));
    cr_assert_geq(adds, 1000, "and all is said in the end, %zu of it", adds);
}

Test(legacy, whoever_is_about_hears_everything_again_and_again)
{
    wire_publish(bus, "a", LAMP);
    wire_publish(bus, "b", LAMP);
    wire_run(net, AB_MS(30000));
    adds = 0;
    wire_run(net, AB_MS(60000));
    cr_assert_eq(adds, 0, "nobody needs it");
    hear(add_of("old"));
    for (int i = 0; i < 10; i++) {
        adds = 0;
        wire_run(net, AB_MS(15100));
        cr_assert_geq(adds, 2, "a legacy peer forgets what it does not hear of for 30 s");
    }
    wire_run(net, AB_MS(300000));
    adds = 0;
    wire_run(net, AB_MS(60000));
    cr_assert_eq(adds, 0, "it was not heard of for five minutes");
    ab_directory_legacy_seen(bus->directory, net->now);
    wire_touch(bus);
    wire_run(net, AB_MS(15100));
    cr_assert_geq(adds, 2, "it came by TCP");
}

Test(legacy, a_bus_at_the_same_place_takes_over)
{
    wire_node *peer = old_peer("old");
    hear(add_of("old"));
    wire_run(net, AB_MS(10));
    wire_set_state(peer, WIRE_DEAD);
    ab_directory_config config = wire_config(net);
    config.port = 20001;
    wire_node *fresh = wire_bus(net, 5, &config);
    wire_publish(fresh, "fresh", LAMP);
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(bus), "+old +fresh -old", "at once, not after half a minute");
    wire_run(net, AB_MS(60000));
    hear(add_of("old"));
    cr_assert_str_eq(wire_story(bus), "+old +fresh -old", "a bus speaks for its place itself");
}

Test(legacy, a_goodbye_says_each_service)
{
    for (int i = 0; i < 30; i++) {
        char id[16];
        snprintf(id, sizeof id, "lamp-%d", i);
        wire_publish(bus, id, LAMP);
    }
    wire_run(net, AB_MS(5000));
    hear(QUERY);
    wire_run(net, AB_MS(3000));
    uint64_t before = bus->sent[AB_PACKET_REMOVE];
    ab_time from = net->now;
    wire_leave(bus);
    cr_assert_geq(bus->sent[AB_PACKET_REMOVE] - before, 30);
    cr_assert_leq(net->now - from, AB_MS(1000));
}
