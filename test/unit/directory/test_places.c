/* SPDX-License-Identifier: MIT
 * Where things are: several addresses of one bus, several buses at one address, names that two have, peers
 * beyond the links, and what other sources tell. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;
static wire_node *lamp, *seeker;

static void make_pair(void)
{
    net = wire_net_new(11);
    lamp = wire_bus(net, 0, NULL);
    seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(places, .init = make_pair, .fini = free_net);

/* Its presence as it would come from one of its addresses. `at`: the list of them, or "". */
static void hear_of(const wire_node *node, ab_address from, const char *at)
{
    char text[512];
    ab_presence now;
    ab_directory_presence(node->directory, &now);
    snprintf(
        text, sizeof text,
        "{\"command\":\"presence\",%s\"bus\":\"%016llx\",\"port\":%u,\"seq\":%llu,\"count\":%u,"
        "\"digest\":\"%016llx\",\"interval\":10000}",
        at, (unsigned long long)now.bus, now.port, (unsigned long long)now.sequence, now.count,
        (unsigned long long)now.digest);
    ab_origin origin = wire_origin(&from);
    wire_inject(seeker, &origin, text);
}

static void hear_from(ab_address from, const char *at)
{
    hear_of(lamp, from, at);
}

static const autobus_sighting *sighting(void)
{
    autobus_sighting *found = NULL;
    cr_assert_eq(ab_directory_find(seeker->directory, ab_slice_of("lamp"), &found), 1);
    return found;
}

static ab_address v6(const char *host)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, host, lamp->address.port));
    return address;
}

Test(places, tell_which_bus_lives_there)
{
    ab_presence now;
    ab_directory_presence(lamp->directory, &now);
    const ab_address *at = &sighting()->locations[0];
    ab_address elsewhere = *at;
    elsewhere.port++;
    cr_expect_eq(ab_directory_bus_at(seeker->directory, at), now.bus);
    cr_expect_eq(ab_directory_bus_at(seeker->directory, &elsewhere), 0);
    ab_directory_presence(seeker->directory, &now);
    ab_address here = ab_address_v4(0x7f000001, now.port);
    cr_expect_eq(ab_directory_bus_at(seeker->directory, &here), now.bus, "we do at our own");
}

Test(places, of_old_peers_belong_to_no_bus_that_has_a_name)
{
    ab_address at = ab_address_v4(0x0a000063, 4242);
    ab_origin origin = wire_origin(&at);
    wire_inject(seeker, &origin,
                "{\"command\":\"add\",\"port\":4242,\"service\":\"old\",\"info\":{}}");
    cr_expect_str_eq(wire_story(seeker), "+lamp +old");
    cr_expect_eq(ab_directory_bus_at(seeker->directory, &at), 0);
}

Test(places, several_addresses_are_several_locations_of_one_service)
{
    hear_from(v6("fd00::1"), "");
    hear_from(ab_address_v4(0xc0a80001, lamp->address.port), "");
    cr_assert_str_eq(wire_story(seeker), "+lamp", "the best one is still the best");
    cr_assert_eq(autobus_sighting_locations(sighting()), 3);
    cr_assert_str_eq(autobus_sighting_location_host(sighting(), 0), "10.0.0.1");
    cr_assert_str_eq(autobus_sighting_location_host(sighting(), 1), "192.168.0.1");
    cr_assert_str_eq(autobus_sighting_location_host(sighting(), 2), "fd00::1");
    hear_from(ab_address_v4(0x7f000001, lamp->address.port), "");
    cr_assert_str_eq(wire_story(seeker), "+lamp ~lamp", "loopback is better");
}

Test(places, an_address_that_is_no_longer_named_is_dropped)
{
    hear_from(ab_address_v4(0xc0a80001, lamp->address.port), "");
    hear_from(ab_address_v4(0xc0a80001, lamp->address.port), "\"at\":[\"192.168.0.1\"],");
    cr_assert_str_eq(wire_story(seeker), "+lamp ~lamp");
    cr_assert_str_eq(autobus_sighting_host(sighting()), "192.168.0.1");
    cr_assert_eq(autobus_sighting_locations(sighting()), 1);
}

Test(places, an_address_that_is_only_named_is_not_believed)
{
    hear_from(wire_address(0, lamp->address.port), "\"at\":[\"10.0.0.1\",\"10.0.0.77\"],");
    cr_assert_eq(autobus_sighting_locations(sighting()), 1);
}

Test(places, an_address_that_falls_silent_is_dropped_while_another_speaks)
{
    ab_address both[] = {wire_address(0, 0), ab_address_v4(0xc0a80001, 0)};
    ab_directory_addresses(lamp->directory, net->now, both, 2);
    hear_from(ab_address_v4(0xc0a80001, lamp->address.port), "");
    wire_run(net, AB_MS(30000));
    cr_assert_eq(autobus_sighting_locations(sighting()), 2, "a bad road may lose so many answers");
    wire_run(net, AB_MS(60000));
    cr_assert_eq(autobus_sighting_locations(sighting()), 1);
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

Test(places, the_best_location_stays_the_best_as_long_as_it_is_there)
{
    wire_net *other = wire_net_new(3);
    wire_node *late = wire_bus(other, 0, NULL);
    ab_address slow = wire_address(9, 4000), fast = v6("fe80::9"), home = v6("::1");
    fast.port = home.port = 4000;
    const char *add = "{\"command\":\"add\",\"port\":4711,\"service\":\"old\",\"info\":{}}";
    ab_origin origins[] = {wire_origin(&fast), wire_origin(&slow), wire_origin(&home)};
    wire_inject(late, &origins[0], add);
    wire_inject(late, &origins[1], add);
    cr_expect_str_eq(wire_story(late), "+old", "whichever copy came first");
    wire_inject(late, &origins[2], add);
    cr_expect_str_eq(wire_story(late), "+old ~old", "but nothing is nearer than loopback");
    wire_net_free(other);
}

Test(places, a_link_local_address_stays_as_long_as_the_bus_lives)
{
    ab_address both[] = {wire_address(0, 0), v6("fe80::1")};
    ab_directory_addresses(lamp->directory, net->now, both, 2);
    hear_from(v6("fe80::1"), "");
    for (int i = 0; i < 20; i++) {
        wire_run(net, AB_MS(5000));
        hear_from(wire_address(0, lamp->address.port), "\"at\":[\"10.0.0.1\",\"fe80::1\"],");
    }
    cr_assert_eq(autobus_sighting_locations(sighting()), 2);
}

Test(places, at_most_eight_addresses_of_a_bus_are_remembered)
{
    for (uint32_t i = 0; i < 30; i++)
        hear_from(ab_address_v4(0xc0a80001 + i, lamp->address.port), "");
    cr_assert_eq(autobus_sighting_locations(sighting()), 8);
    cr_assert_str_eq(autobus_sighting_host(sighting()), "10.0.0.1", "the forged displace nobody");
}

/* As when a neighbour's link address must be found anew after a cut: that takes a second, of one family alone. */
static void expect_soon_though_one_is_mute(bool is_heard_again)
{
    wire_move(net, 9, 1);
    wire_node *other = wire_bus(net, 9, NULL);
    wire_publish(other, "other", LAMP);
    hear_of(other, v6("fd00::1"), "");
    hear_of(other, other->address, "");
    wire_run(net, AB_MS(30));
    if (is_heard_again)
        hear_of(other, other->address, "");
    wire_run(net, AB_MS(500));
    cr_assert_str_eq(wire_story(seeker), "+lamp +other");
}

Test(places, a_bus_is_asked_at_another_address_when_one_does_not_answer)
{
    expect_soon_though_one_is_mute(false);
}

Test(places, a_bus_is_asked_at_another_address_whichever_was_heard_last)
{
    expect_soon_though_one_is_mute(true);
}

Test(places, a_new_bus_at_an_old_place_is_no_event_for_what_stays)
{
    wire_set_state(lamp, WIRE_DEAD);
    ab_directory_config config = wire_config(net);
    config.port = lamp->tcp;
    wire_node *again = wire_bus(net, 0, &config);
    wire_publish(again, "lamp", LAMP);
    wire_publish(again, "more", LAMP);
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +more");
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_BUSES), 1);
}

Test(places, whoever_hears_its_own_id_from_elsewhere_takes_a_new_one)
{
    ab_directory_config config = wire_config(net);
    config.bus = lamp->bus;
    wire_node *twin = wire_bus(net, 2, &config);
    wire_publish(twin, "twin", LAMP);
    wire_run(net, AB_MS(30000));
    cr_assert_neq(lamp->bus, twin->bus);
    cr_assert(wire_knows(seeker, 2), "%s", wire_story(seeker));
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_BUSES), 2);
    cr_assert_eq(wire_count(seeker, AUTOBUS_LEFT), 0, "%s", wire_story(seeker));
    cr_assert(wire_knows(lamp, 2));
    cr_assert(wire_knows(twin, 2));
}

Test(places, an_id_is_changed_at_most_once_in_ten_seconds)
{
    uint64_t before = lamp->bus;
    ab_address enemy = wire_address(66, 4000);
    ab_origin origin = wire_origin(&enemy);
    size_t changes = 0;
    for (int i = 0; i < 300; i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"command\":\"query\",\"bus\":\"%016llx\"}",
                 (unsigned long long)lamp->bus);
        wire_inject(lamp, &origin, text);
        changes += lamp->bus != before;
        before = lamp->bus;
        wire_run(net, AB_MS(100));
    }
    cr_assert_eq(changes, 3);
    wire_run(net, AB_MS(20000));
    cr_assert_str_eq(wire_story(seeker), "+lamp", "and nobody sees a difference");
}

Test(places, a_change_of_our_addresses_is_said_at_once)
{
    ab_address now[] = {wire_address(0, 0), ab_address_v4(0xc0a80005, 0)};
    uint64_t presences = lamp->sent[AB_PACKET_PRESENCE], queries = lamp->sent[AB_PACKET_QUERY];
    ab_directory_addresses(lamp->directory, net->now, now, 2);
    wire_touch(lamp);
    wire_run(net, AB_MS(2));
    cr_assert_eq(lamp->sent[AB_PACKET_PRESENCE], presences + 1);
    cr_assert_eq(lamp->sent[AB_PACKET_QUERY], queries + 1);
    ab_directory_addresses(lamp->directory, net->now, now, 2);
    wire_touch(lamp);
    wire_run(net, AB_MS(2));
    cr_assert_eq(lamp->sent[AB_PACKET_PRESENCE], presences + 1, "nothing changed");
}

/* Beyond the links. */

Test(places, a_peer_on_another_network_is_found_by_name_and_finds_us)
{
    wire_move(net, 9, 1);
    ab_directory_config config = wire_config(net);
    config.allow_routed = true;
    wire_node *far = wire_bus(net, 9, &config);
    wire_publish(far, "far", LAMP);
    ab_directory_want(far->directory, net->now, true);
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
    ab_address peer = wire_address(9, WIRE_PORT);
    ab_directory_peers(lamp->directory, net->now, &peer, 1);
    wire_touch(lamp);
    wire_run(net, AB_MS(1000));
    cr_assert_str_eq(wire_story(lamp), "+lamp +far");
    cr_assert_str_eq(wire_story(far), "+far +lamp");
    cr_assert_str_eq(wire_story(seeker), "+lamp", "it did not ask for it");
    /* Changes go both ways at once, and nobody is lost meanwhile. */
    wire_publish(far, "more", LAMP);
    wire_publish(lamp, "switch", LAMP);
    wire_run(net, AB_MS(10));
    cr_assert_str_eq(wire_story(lamp), "+lamp +far +switch +more");
    cr_assert_str_eq(wire_story(far), "+far +lamp +more +switch");
    wire_run(net, AB_MS(120000));
    cr_assert_eq(wire_count(lamp, AUTOBUS_LEFT), 0);
    cr_assert_eq(wire_count(far, AUTOBUS_LEFT), 0);
    wire_leave(far);
    wire_run(net, AB_MS(5000));
    cr_assert(wire_knows(lamp, 2), "%s", wire_story(lamp));
}

Test(places, a_far_peer_that_vanishes_is_noticed)
{
    wire_move(net, 9, 1);
    ab_directory_config config = wire_config(net);
    config.allow_routed = true;
    wire_node *far = wire_bus(net, 9, &config);
    wire_publish(far, "far", LAMP);
    ab_address peer = wire_address(9, WIRE_PORT);
    ab_directory_peers(lamp->directory, net->now, &peer, 1);
    wire_touch(lamp);
    wire_run(net, AB_MS(20000));
    wire_set_state(far, WIRE_VANISHED);
    wire_run(net, AB_MS(15000));
    cr_assert_str_eq(wire_story(lamp), "+lamp +far -far");
}

/* Other sources. */

static ab_presence elsewhere(const wire_node *node)
{
    ab_presence presence;
    ab_directory_presence(node->directory, &presence);
    return presence;
}

Test(places, what_another_source_tells_is_fetched_and_probed)
{
    wire_move(net, 9, 1);
    wire_node *told = wire_bus(net, 9, NULL);
    wire_publish(told, "told", LAMP);
    wire_run(net, AB_MS(3000));
    ab_address at = wire_address(9, told->tcp);
    ab_presence presence = elsewhere(told);
    ab_directory_told(seeker->directory, net->now, &at, &presence);
    wire_touch(seeker);
    wire_run(net, AB_MS(1000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +told");
    wire_run(net, AB_MS(300000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +told", "probes find it");
    ab_directory_lost(seeker->directory, net->now, &at, told->bus);
    cr_assert_str_eq(wire_story(seeker), "+lamp +told -told");
}

Test(places, what_another_source_told_is_dropped_when_probes_fail)
{
    wire_move(net, 9, 1);
    wire_node *told = wire_bus(net, 9, NULL);
    wire_publish(told, "told", LAMP);
    ab_address at = wire_address(9, told->tcp);
    ab_presence presence = elsewhere(told);
    ab_directory_told(seeker->directory, net->now, &at, &presence);
    wire_touch(seeker);
    wire_run(net, AB_MS(1000));
    wire_set_state(told, WIRE_VANISHED);
    wire_run(net, AB_MS(15000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +told -told");
}

Test(places, two_sources_are_two_locations_of_one_service)
{
    ab_address at = ab_address_v4(0xc0a80001, lamp->tcp);
    ab_presence presence = elsewhere(lamp);
    ab_directory_told(seeker->directory, net->now, &at, &presence);
    wire_touch(seeker);
    cr_assert_str_eq(wire_story(seeker), "+lamp");
    cr_assert_eq(autobus_sighting_locations(sighting()), 2);
    wire_run(net, AB_MS(120000));
    cr_assert_eq(autobus_sighting_locations(sighting()), 2,
                 "it is there until the source loses it");
    ab_directory_lost(seeker->directory, net->now, &at, lamp->bus);
    cr_assert_eq(autobus_sighting_locations(sighting()), 1);
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}
