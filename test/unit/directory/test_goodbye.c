/* SPDX-License-Identifier: MIT
 * Goodbyes: true ones are believed once and for all, forged ones heal by themselves. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;
static wire_node *lamp, *seeker;

static void make_pair(void)
{
    net = wire_net_new(8);
    lamp = wire_bus(net, 0, NULL);
    seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "a", LAMP);
    wire_publish(lamp, "b", LAMP);
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(seeker), "+a +b");
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(goodbye, .init = make_pair, .fini = free_net);

/* What an enemy says in its name, about so many services and with so high a sequence. */
static void forge(const char *before, unsigned long long sequence, unsigned count,
                  unsigned long long digest)
{
    char text[512];
    snprintf(
        text, sizeof text,
        "{%s,\"bus\":\"%016llx\",\"port\":%u,\"seq\":%llu,\"count\":%u,\"digest\":\"%016llx\",\"interval\":10000}",
        before, (unsigned long long)lamp->bus, lamp->tcp, sequence, count, digest);
    ab_origin origin = wire_origin(&lamp->address);
    wire_inject(seeker, &origin, text);
}

Test(goodbye, a_forged_one_heals_in_moments)
{
    forge("\"command\":\"presence\"", 1000000, 0, 0);
    cr_assert_str_eq(wire_story(seeker), "+a +b -a -b");
    cr_assert(wire_run_until_told(net, seeker, 6, AB_MS(2500)));
    wire_run(net, AB_MS(120000));
    cr_assert_eq(seeker->event_count, 6, "%s", wire_story(seeker));
}

Test(goodbye, a_forged_removal_heals_in_moments)
{
    unsigned long long rest = ab_service_digest(AB_SLICE("b"), AB_SLICE(LAMP));
    forge("\"command\":\"remove\",\"service\":\"a\"", 1000000, 1, rest);
    cr_assert_str_eq(wire_story(seeker), "+a +b -a");
    cr_assert(wire_run_until_told(net, seeker, 4, AB_MS(2500)));
    wire_run(net, AB_MS(120000));
    cr_assert_str_eq(wire_story(seeker), "+a +b -a +a");
}

Test(goodbye, a_forged_addition_heals_too)
{
    forge("\"command\":\"add\",\"service\":\"c\",\"info\":{}", 1000000, 3, 1);
    cr_assert_str_eq(wire_story(seeker), "+a +b +c");
    wire_run(net, AB_MS(3000));
    cr_assert_str_eq(wire_story(seeker), "+a +b +c -c");
}

Test(goodbye, heals_for_many_at_once_with_one_answer)
{
    for (unsigned i = 2; i < 32; i++)
        wire_bus(net, i, NULL);
    wire_run(net, AB_MS(5000));
    char text[512];
    snprintf(text, sizeof text,
             "{\"command\":\"presence\",\"bus\":\"%016llx\",\"port\":%u,\"seq\":999999,\"count\":0,"
             "\"digest\":\"0000000000000000\",\"interval\":10000}",
             (unsigned long long)lamp->bus, lamp->tcp);
    ab_origin origin = wire_origin(&lamp->address);
    for (size_t i = 1; i < net->count; i++)
        wire_inject(net->nodes[i], &origin, text);
    uint64_t before = lamp->sent[AB_PACKET_PRESENCE];
    wire_run(net, AB_MS(2500));
    for (size_t i = 1; i < net->count; i++)
        cr_assert(wire_knows(net->nodes[i], 2), "node %zu: %s", i, wire_story(net->nodes[i]));
    cr_assert_leq(lamp->sent[AB_PACKET_PRESENCE] - before, 31);
}

Test(goodbye, an_old_packet_brings_nobody_back)
{
    char old[512];
    ab_presence presence;
    ab_directory_presence(lamp->directory, &presence);
    snprintf(
        old, sizeof old,
        "{\"command\":\"add\",\"service\":\"a\",\"info\":" LAMP
        ",\"bus\":\"%016llx\",\"port\":%u,\"seq\":%llu,\"count\":2,\"digest\":\"%016llx\",\"interval\":10000}",
        (unsigned long long)lamp->bus, lamp->tcp, (unsigned long long)presence.sequence,
        (unsigned long long)presence.digest);
    wire_leave(lamp);
    ab_origin origin = wire_origin(&lamp->address);
    for (int i = 0; i < 10; i++) {
        wire_inject(seeker, &origin, old);
        wire_run(net, AB_MS(100));
    }
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+a +b -a -b");
}

Test(goodbye, is_one_leaving_however_many_locations_there_are)
{
    /* The same bus by loopback and by its link, as a neighbour on its own machine hears it. */
    wire_node *local = wire_bus(net, 0, NULL);
    wire_run(net, AB_MS(12000));
    cr_assert_str_eq(wire_story(local), "+a +b");
    cr_assert_str_eq(local->events[0].host, "127.0.0.1:20000");
    autobus_sighting *sighting;
    ab_directory_find(local->directory, ab_slice_of("a"), &sighting);
    cr_assert_eq(autobus_sighting_locations(sighting), 2);
    wire_withdraw(lamp, "a");
    wire_run(net, AB_MS(5000));
    cr_assert_str_eq(wire_story(local), "+a +b -a");
}

Test(goodbye, packets_in_another_order_change_nothing)
{
    net->weather = (wire_weather){AB_MS(1), AB_MS(200), 0, 200, 2};
    for (int i = 0; i < 30; i++) {
        wire_publish(lamp, "c", LAMP);
        wire_run(net, AB_MS(2500));
        wire_withdraw(lamp, "c");
        wire_run(net, AB_MS(2500));
    }
    wire_run(net, AB_MS(30000));
    cr_assert_eq(wire_count(seeker, AUTOBUS_APPEARED), 32, "%zu",
                 wire_count(seeker, AUTOBUS_APPEARED));
    cr_assert_eq(wire_count(seeker, AUTOBUS_LEFT), 30);
}

Test(goodbye, a_forged_promise_of_silence_does_not_keep_the_dead_alive)
{
    /* All is as it was, but the next word is promised for in an hour. */
    ab_presence now;
    ab_directory_presence(lamp->directory, &now);
    char text[512];
    snprintf(text, sizeof text,
             "{\"command\":\"presence\",\"bus\":\"%016llx\",\"port\":%u,\"seq\":99999,\"count\":2,"
             "\"digest\":\"%016llx\",\"interval\":3600000}",
             (unsigned long long)lamp->bus, lamp->tcp, (unsigned long long)now.digest);
    ab_origin origin = wire_origin(&lamp->address);
    wire_inject(seeker, &origin, text);
    wire_run(net, AB_MS(15000));
    wire_set_state(lamp, WIRE_VANISHED);
    wire_run(net, AB_MS(15000));
    cr_assert_str_eq(wire_story(seeker), "+a +b -a -b");
}

/* Over a road that delays, doubles and reorders packets: told once, gone once. */
static void flicker(uint64_t seed)
{
    char expected[200] = "", id[20];
    wire_net *road = wire_net_new(seed);
    road->weather =
        (wire_weather){.latency = AB_MS(5), .jitter = AB_MS(100), .twice = 300, .copies = 1};
    wire_node *one = wire_bus(road, 0, NULL), *other = wire_bus(road, 1, NULL);
    ab_directory_want(other->directory, road->now, true);
    wire_touch(other);
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "%d", i);
        wire_publish(one, id, LAMP);
        cr_assert(wire_run_until_told(road, other, 2 * (size_t)i + 1, AB_MS(3000)));
        wire_withdraw(one, id);
        cr_assert(wire_run_until_told(road, other, 2 * (size_t)i + 2, AB_MS(3000)));
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s+%d -%d", i > 0 ? " " : "", i, i);
    }
    wire_run(road, AB_MS(20000));
    cr_assert_str_eq(wire_story(other), expected, "seed %d: %s", (int)seed, wire_story(other));
    wire_net_free(road);
}

Test(goodbye, what_flickers_on_a_bad_road_comes_and_goes_once)
{
    for (uint64_t seed = 1; seed <= 100; seed++)
        flicker(seed);
}
