/* SPDX-License-Identifier: MIT
 * Believing a death: who vanishes is gone in time, who is only quiet is not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "directory/sighting.h"
#include "support/wire_net.h"

#define LAMP "{\"type\":\"lamp\"}"

static wire_net *net;
static wire_node *lamp, *seeker;

static void make_pair(void)
{
    net = wire_net_new(2);
    lamp = wire_bus(net, 0, NULL);
    seeker = wire_bus(net, 1, NULL);
    wire_publish(lamp, "lamp", LAMP);
    wire_run(net, AB_MS(25000));
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(lease, .init = make_pair, .fini = free_net);

/* How long the second event took from now on; fails the test if there is none. */
static ab_time time_to_leave(void)
{
    ab_time from = net->now;
    cr_assert(wire_run_until_told(net, seeker, 2, AB_MS(15000)), "it is not gone in 15 s");
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
    return seeker->events[1].at - from;
}

Test(lease, a_killed_process_is_gone_in_fifteen_seconds)
{
    wire_set_state(lamp, WIRE_DEAD);
    cr_assert_leq(time_to_leave(), AB_MS(12000), "its host says so");
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
    cr_assert_eq(ab_directory_stat(seeker->directory, AUTOBUS_STAT_PROBES_FAILED), 1);
}

Test(lease, a_vanished_host_is_gone_in_fifteen_seconds)
{
    wire_set_state(lamp, WIRE_VANISHED);
    time_to_leave();
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
}

Test(lease, a_hung_process_is_gone_in_fifteen_seconds_and_back_when_it_goes_on)
{
    wire_set_state(lamp, WIRE_HANGS);
    time_to_leave();
    wire_run(net, AB_MS(30000));
    wire_set_state(lamp, WIRE_RUNS);
    cr_assert(wire_run_until_told(net, seeker, 3, AB_MS(5000)));
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp +lamp");
}

/* A connection of the seeker's to the lamp broke. */
static void doubt_the_lamp(void)
{
    autobus_sighting *sighting = NULL;
    cr_assert_eq(ab_directory_find(seeker->directory, (ab_slice){"lamp", 4}, &sighting), 1);
    ab_directory_doubt(seeker->directory, net->now, &sighting->locations[0]);
    wire_touch(seeker);
}

Test(lease, who_is_doubted_and_killed_is_gone_in_half_a_second)
{
    wire_set_state(lamp, WIRE_DEAD);
    doubt_the_lamp();
    ab_time took = time_to_leave();
    cr_assert_leq(took, AB_MS(500), "%d ms", (int)(took / AB_MS(1)));
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
}

Test(lease, who_is_doubted_and_lives_stays_and_is_asked_once)
{
    uint64_t heard = ab_directory_stat(lamp->directory, AUTOBUS_STAT_HEARD_PACKETS);
    for (int i = 0; i < 10; i++)
        doubt_the_lamp();
    wire_run(net, AB_MS(1000));
    cr_expect_leq(ab_directory_stat(lamp->directory, AUTOBUS_STAT_HEARD_PACKETS), heard + 2);
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

Test(lease, doubt_does_not_shorten_the_silence_that_is_believed)
{
    wire_set_state(lamp, WIRE_VANISHED);
    doubt_the_lamp();
    wire_run(net, AB_MS(9000));
    cr_assert_str_eq(wire_story(seeker), "+lamp", "it may be the road");
    wire_set_state(lamp, WIRE_RUNS);
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

Test(lease, it_holds_at_every_moment_of_the_interval)
{
    ab_time longest = 0;
    for (unsigned i = 0; i < 60; i++) {
        wire_net *other = wire_net_new(100 + i);
        wire_node *gone = wire_bus(other, 0, NULL), *witness = wire_bus(other, 1, NULL);
        wire_publish(gone, "lamp", LAMP);
        wire_run(other, AB_MS(20000) + AB_MS(173) * i);
        ab_time from = other->now;
        wire_set_state(gone, WIRE_VANISHED);
        cr_assert(wire_run_until_told(other, witness, 2, AB_MS(15000)), "seed %u", 100 + i);
        longest = AB_MAX(longest, witness->events[1].at - from);
        wire_net_free(other);
    }
    cr_log_info("the longest took %.2f s\n", (double)longest / 1e6);
    cr_assert_leq(longest, AB_MS(14900));
}

Test(lease, fifty_processes_of_a_vanished_host_are_gone_together)
{
    wire_node *crowd[50];
    for (unsigned i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof id, "c%u", i);
        crowd[i] = wire_bus(net, 7, NULL);
        wire_publish(crowd[i], id, LAMP);
    }
    wire_run(net, AB_MS(30000));
    cr_assert(wire_knows(seeker, 51));
    for (unsigned i = 0; i < 50; i++)
        wire_set_state(crowd[i], WIRE_VANISHED);
    wire_run(net, AB_MS(15000));
    cr_assert(wire_knows(seeker, 1), "%zu are left",
              (size_t)ab_directory_stat(seeker->directory, AUTOBUS_STAT_SERVICES));
}

Test(lease, udp_may_be_dead_as_long_as_tcp_lives)
{
    net->is_udp_dead = true;
    wire_run(net, AB_MS(120000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
    wire_publish(lamp, "other", LAMP);
    wire_run(net, AB_MS(40000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +other", "what changes is fetched");
    net->is_udp_dead = false;
    wire_run(net, AB_MS(40000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +other");
}

Test(lease, tcp_may_be_dead_as_long_as_udp_lives)
{
    net->is_tcp_dead = true;
    wire_run(net, AB_MS(120000));
    cr_assert_str_eq(wire_story(seeker), "+lamp");
}

/* Where few buses are, which speak often enough, whenever it comes. */
Test(lease, a_partition_of_ten_seconds_is_survived)
{
    for (unsigned i = 0; i < 60; i++) {
        wire_part(net, 0, 1);
        wire_run(net, AB_MS(10000));
        wire_part(net, 0, 0);
        wire_run(net, AB_MS(20000) + AB_MS(331) * i);
        cr_assert_str_eq(wire_story(seeker), "+lamp", "the %u. time", i + 1);
    }
}

Test(lease, a_long_partition_heals_in_a_presence_interval)
{
    wire_part(net, 0, 1);
    wire_run(net, AB_MS(60000));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp");
    wire_part(net, 0, 0);
    wire_run(net, AB_MS(10500));
    cr_assert_str_eq(wire_story(seeker), "+lamp -lamp +lamp");
}

Test(lease, our_own_standing_still_kills_nobody)
{
    wire_node *third = wire_bus(net, 2, NULL);
    wire_publish(third, "third", LAMP);
    wire_run(net, AB_MS(15000));
    wire_set_state(seeker, WIRE_HANGS);
    wire_run(net, AB_MS(3600000));
    wire_set_state(third, WIRE_DEAD);
    wire_set_state(seeker, WIRE_RUNS);
    wire_run(net, AB_MS(2000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +third", "nobody is given up before two seconds");
    wire_run(net, AB_MS(13000));
    cr_assert_str_eq(wire_story(seeker), "+lamp +third -third");
}

static size_t suspicions;

static void count_suspicions(wire_node *from, ab_reach reach, const ab_place *to,
                             ab_packet_kind kind, const char *bytes, size_t length)
{
    (void)from, (void)to, (void)bytes, (void)length;
    suspicions += kind == AB_PACKET_SUSPECT && reach == AB_REACH_ALL;
}

Test(lease, a_suspicion_is_told_aloud_once_for_all)
{
    for (unsigned i = 2; i < 52; i++)
        wire_bus(net, i, NULL);
    wire_run(net, AB_MS(15000));
    suspicions = 0;
    net->spy = count_suspicions;
    wire_set_state(lamp, WIRE_VANISHED);
    wire_run(net, AB_MS(16000));
    cr_assert_geq(suspicions, 1);
    cr_assert_leq(suspicions, 5, "%zu of 51 told it", suspicions);
    for (size_t i = 1; i < net->count; i++)
        cr_assert(wire_knows(net->nodes[i], 0));
}

Test(lease, who_is_overdue_is_asked_and_answers_all_at_once)
{
    for (unsigned i = 2; i < 22; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%u", i);
        wire_publish(wire_bus(net, i, NULL), id, LAMP);
    }
    wire_run(net, AB_MS(15000));
    ab_directory_stood_still(lamp->directory, net->now, 0);
    wire_touch(lamp);
    wire_run(net, AB_MS(5000));
    /* Its presence does not get out for a while. */
    wire_part(net, 0, 1);
    wire_run(net, AB_MS(4300));
    wire_part(net, 0, 0);
    uint64_t before = lamp->sent[AB_PACKET_PRESENCE];
    wire_run(net, AB_MS(6000));
    uint64_t probes = 0;
    for (size_t i = 1; i < net->count; i++)
        probes += ab_directory_stat(net->nodes[i]->directory, AUTOBUS_STAT_PROBES);
    cr_assert_eq(probes, 0, "%u probes", (unsigned)probes);
    cr_assert_eq(wire_count(seeker, AUTOBUS_LEFT), 0);
    cr_assert_leq(lamp->sent[AB_PACKET_PRESENCE] - before, 8, "%u answers to 21 that asked",
                  (unsigned)(lamp->sent[AB_PACKET_PRESENCE] - before));
}

/* Ten buses that lose a third of all packets for five minutes. */
Test(lease, thirty_percent_loss_makes_nobody_leave, .timeout = 120)
{
    for (unsigned seed = 0; seed < 10; seed++) {
        wire_net *bad = wire_net_new(1000 + seed);
        for (unsigned i = 0; i < 10; i++) {
            char id[8];
            snprintf(id, sizeof id, "s%u", i);
            wire_node *node = wire_bus(bad, i, NULL);
            ab_directory_want(node->directory, bad->now, true);
            wire_publish(node, id, LAMP);
        }
        wire_run(bad, AB_MS(10000));
        bad->weather = (wire_weather){AB_MS(1), AB_MS(20), 300, 50, 2};
        wire_run(bad, AB_MS(300000));
        for (size_t i = 0; i < 10; i++)
            cr_assert(bad->nodes[i]->event_count == 10, "seed %u: %s", 1000 + seed,
                      wire_story(bad->nodes[i]));
        wire_net_free(bad);
    }
}

Test(lease, a_start_in_thirty_percent_loss_finds_everybody)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        wire_net *bad = wire_net_new(2000 + seed);
        bad->weather.loss = 300;
        for (unsigned i = 0; i < 10; i++) {
            char id[8];
            snprintf(id, sizeof id, "s%u", i);
            wire_publish(wire_bus(bad, i, NULL), id, LAMP);
        }
        wire_run(bad, AB_MS(30000));
        wire_node *late = wire_bus(bad, 20, NULL);
        ab_directory_want(late->directory, bad->now, true);
        wire_run(bad, AB_MS(30000));
        cr_assert(wire_knows(late, 10), "seed %u: %s", 2000 + seed, wire_story(late));
        cr_assert_eq(wire_count(late, AUTOBUS_LEFT), 0);
        wire_net_free(bad);
    }
}
