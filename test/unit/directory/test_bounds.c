/* SPDX-License-Identifier: MIT
 * Floods of forged packets: what they cost, whom they harm, and who gets through all the same.
 *
 * AUTOBUS_TEST_SCALE makes the floods smaller than the million packets of a full run. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/wire_net.h"

#define LAMP  "{\"type\":\"lamp\"}"
#define FLOOD 1000000

static wire_net *net;
static wire_node *victim, *known[5];
static ab_dice dice;

/* Five services of buses and one of a legacy peer, known before the flood. */
static void make_net(void)
{
    net = wire_net_new(3);
    ab_dice_seed(&dice, 4);
    victim = wire_bus(net, 100, NULL);
    ab_directory_want(victim->directory, net->now, true);
    for (unsigned i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "known%u", i);
        known[i] = wire_bus(net, i, NULL);
        wire_publish(known[i], id, LAMP);
    }
    wire_run(net, AB_MS(20000));
    cr_assert_eq(victim->event_count, 5);
}

static void free_net(void)
{
    wire_net_free(net);
}

TestSuite(bounds, .init = make_net, .fini = free_net, .timeout = 300);

static size_t flood_size(void)
{
    const char *scale = getenv("AUTOBUS_TEST_SCALE");
    double share = scale == NULL ? 0.1 : atof(scale);
    return (size_t)(FLOOD * (share > 0 && share <= 1 ? share : 1));
}

/* A forged packet and whom it claims to be from. */
typedef void forge_fn(char *text, size_t size, ab_address *from);

static void forge_from_anywhere(ab_address *from)
{
    *from = wire_address(300 + (unsigned)ab_dice_below(&dice, 60000),
                         (uint16_t)(1024 + ab_dice_below(&dice, 60000)));
}

static void forge_add(char *text, size_t size, ab_address *from)
{
    forge_from_anywhere(from);
    unsigned long long bus = ab_dice_next(&dice), id = ab_dice_next(&dice);
    snprintf(
        text, size,
        "{\"command\":\"add\",\"port\":%u,\"service\":\"%016llx\",\"info\":{\"type\":\"lamp\",\"room\":\"hall\"},"
        "\"bus\":\"%016llx\",\"seq\":1,\"count\":1,\"digest\":\"%016llx\",\"interval\":10000}",
        1 + (unsigned)ab_dice_below(&dice, 65535), id, bus, id);
}

static void forge_legacy_add(char *text, size_t size, ab_address *from)
{
    forge_from_anywhere(from);
    snprintf(
        text, size,
        "{\"command\":\"add\",\"port\":%u,\"service\":\"%016llx\",\"info\":{\"type\":\"lamp\"}}",
        1 + (unsigned)ab_dice_below(&dice, 65535), (unsigned long long)ab_dice_next(&dice));
}

static void forge_query(char *text, size_t size, ab_address *from)
{
    forge_from_anywhere(from);
    snprintf(
        text, size,
        "{\"command\":\"query\",\"bus\":\"%016llx\",\"waits\":true,\"port\":7,\"seq\":1,\"count\":1,"
        "\"digest\":\"0000000000000001\",\"interval\":10000}",
        (unsigned long long)ab_dice_next(&dice));
}

/* One large presence after another, of many services each. */
static void forge_bulk(char *text, size_t size, ab_address *from)
{
    forge_from_anywhere(from);
    int length =
        snprintf(text, size,
                 "{\"command\":\"presence\",\"bus\":\"%016llx\",\"port\":7,\"seq\":1,\"count\":99,"
                 "\"digest\":\"0000000000000001\",\"interval\":10000,\"services\":[",
                 (unsigned long long)ab_dice_next(&dice));
    for (unsigned i = 0; i < 30; i++)
        length += snprintf(text + length, size - (size_t)length, "%s[\"%016llx\",{\"n\":%u}]",
                           i == 0 ? "" : ",", (unsigned long long)ab_dice_next(&dice), i);
    snprintf(text + length, size - (size_t)length, "]}");
}

static void forge_from_one_host(char *text, size_t size, ab_address *from)
{
    forge_add(text, size, from);
    *from = wire_address(99, (uint16_t)(1024 + ab_dice_below(&dice, 60000)));
}

/* Twenty seconds long, evenly; somebody real starts in the middle. Returns the newcomer. */
static wire_node *flood(forge_fn *forge)
{
    size_t packets = flood_size();
    ab_time pause = AB_MS(20000) / (ab_time)packets;
    wire_node *newcomer = NULL;
    for (size_t i = 0; i < packets; i++) {
        char text[4096];
        ab_address from;
        forge(text, sizeof text, &from);
        ab_origin origin = wire_origin(&from);
        wire_inject(victim, &origin, text);
        wire_run(net, pause);
        if (i == packets / 2) {
            newcomer = wire_bus(net, 50, NULL);
            wire_publish(newcomer, "newcomer", LAMP);
        }
    }
    return newcomer;
}

static size_t memory_used(void)
{
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

/* The first time it was told that of a service; NULL: never. */
static const wire_event *told(autobus_change change, const char *id)
{
    for (size_t i = 0; i < victim->event_count; i++) {
        const wire_event *event = &victim->events[i];
        if (event->change == change && strcmp(event->id, id) == 0)
            return event;
    }
    return NULL;
}

static void withstand(forge_fn *forge)
{
    victim->listens = false; /* what the test remembers of it does not count */
    size_t before = memory_used();
    flood(forge);
    size_t after = memory_used(), mails = net->mail_capacity * sizeof(void *);
    size_t cost = after < before + mails ? 0 : after - before - mails;
    cr_log_info("%zu packets cost %zu KiB\n", flood_size(), cost / 1024);
    cr_assert_leq(cost, (size_t)8 << 20, "%zu KiB", cost / 1024);
}

/* The same again, and what its listener was told of those that are real. */
static void keep_the_real_ones(forge_fn *forge)
{
    ab_time began = net->now;
    net->weather.copies = 1; /* nobody is seen twice only since his packets come twice */
    flood(forge);
    for (unsigned i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "known%u", i);
        cr_assert_null(told(AUTOBUS_LEFT, id), "%s was lost", id);
    }
    wire_run(net, AB_MS(10000));
    const wire_event *seen = told(AUTOBUS_APPEARED, "newcomer");
    cr_assert_not_null(seen, "the newcomer was not seen");
    cr_log_info("the newcomer was seen after %.3f s\n", (double)(seen->at - began) / 1e6 - 10);
    cr_assert_leq(seen->at - began, AB_MS(20000));
    cr_assert_null(told(AUTOBUS_LEFT, "newcomer"));
}

Test(bounds, forged_announcements_cost_little)
{
    withstand(forge_add);
}

Test(bounds, forged_announcements_displace_nobody)
{
    keep_the_real_ones(forge_add);
    cr_assert_gt(ab_directory_stat(victim->directory, AUTOBUS_STAT_DROPPED_FULL), 0);
}

Test(bounds, forged_legacy_announcements_cost_little)
{
    withstand(forge_legacy_add);
}

Test(bounds, forged_legacy_announcements_displace_nobody)
{
    keep_the_real_ones(forge_legacy_add);
}

Test(bounds, forged_questions_cost_little)
{
    withstand(forge_query);
}

Test(bounds, forged_questions_displace_nobody)
{
    keep_the_real_ones(forge_query);
}

Test(bounds, forged_lists_cost_little)
{
    withstand(forge_bulk);
}

Test(bounds, forged_lists_displace_nobody)
{
    keep_the_real_ones(forge_bulk);
}

Test(bounds, one_host_gets_only_its_share)
{
    flood(forge_from_one_host);
    cr_assert_leq(ab_directory_stat(victim->directory, AUTOBUS_STAT_SERVICES), 1024 + 6);
    wire_run(net, AB_MS(10000));
    cr_assert_not_null(told(AUTOBUS_APPEARED, "newcomer"));
}

Test(bounds, the_forged_are_forgotten)
{
    flood(forge_legacy_add);
    wire_run(net, AB_MS(600000));
    cr_assert(wire_knows(victim, 6), "%zu are left",
              (size_t)ab_directory_stat(victim->directory, AUTOBUS_STAT_SERVICES));
    flood(forge_add);
    wire_run(net, AB_MS(600000));
    cr_assert(wire_knows(victim, 6), "%zu are left",
              (size_t)ab_directory_stat(victim->directory, AUTOBUS_STAT_SERVICES));
}

Test(bounds, one_place_may_say_only_so_much)
{
    ab_address from = wire_address(99, 4000);
    ab_origin origin = wire_origin(&from);
    for (unsigned i = 0; i < 5000; i++)
        wire_inject(victim, &origin, "{}");
    uint64_t malformed = ab_directory_stat(victim->directory, AUTOBUS_STAT_DROPPED_MALFORMED);
    uint64_t rate = ab_directory_stat(victim->directory, AUTOBUS_STAT_DROPPED_RATE);
    cr_assert_eq(malformed, 2000);
    cr_assert_eq(rate, 3000);
    wire_run(net, AB_MS(1000));
    for (unsigned i = 0; i < 1500; i++)
        wire_inject(victim, &origin, "{}");
    cr_assert_eq(ab_directory_stat(victim->directory, AUTOBUS_STAT_DROPPED_MALFORMED), 3000);
}
