/* SPDX-License-Identifier: MIT
 * Probes that wait for their turn behind others that never end. The directory is alone here, and no probe is
 * answered, so that each moment at which one is given up is known. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "directory/directory.h"

#define LEASE    AB_MS(30000) /**< of legacy services */
#define PATIENCE AB_MS(30000) /**< with probes of the unproven that wait */
#define AT_ONCE  16           /**< probes of the unproven under way */

static ab_directory *directory;
static ab_time now;
static size_t probes;

/** What was told of the service "lamp" last, and when. */
static autobus_change told;
static ab_time told_at;

static void never_probe(void *owner, uint64_t token, const ab_address *at, const char *service)
{
    (void)owner, (void)token, (void)at, (void)service;
    probes++;
}

static void note(void *owner, autobus_change change, autobus_sighting *sighting)
{
    (void)owner;
    if (strcmp(sighting->id->bytes, "lamp") != 0)
        return;
    told = change;
    told_at = now;
}

static void send_nowhere(void *owner, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                         const char *bytes, size_t length)
{
    (void)owner, (void)reach, (void)to, (void)kind, (void)bytes, (void)length;
}

static const ab_directory_ops ops = {
    .send = send_nowhere,
    .probe = never_probe,
    .changed = note,
};

static void pass_until(ab_time until)
{
    while (ab_directory_deadline(directory) <= until) {
        now = AB_MAX(now, ab_directory_deadline(directory));
        ab_directory_run(directory, now);
    }
    now = until;
}

static void hear(unsigned host, const char *text)
{
    ab_origin origin = {
        .from = {.address = ab_address_v4(0x0a000000 + host, 52722), .interface = 2},
        .is_near = true,
        .is_shared = true,
    };
    ab_directory_heard(directory, now, &origin, text, strlen(text));
}

static void add(unsigned host, const char *id)
{
    char text[128];
    snprintf(text, sizeof text,
             "{\"command\":\"add\",\"port\":7,\"service\":\"%s\",\"info\":{\"type\":\"lamp\"}}",
             id);
    hear(host, text);
}

/* Legacy peers of which nothing more is heard: their probes take every place, for good. */
static void make_directory(void)
{
    ab_directory_config config;
    ab_directory_defaults(&config);
    config.bus = 1;
    config.seed = 1;
    config.port = 999;
    now = AB_MS(1000);
    probes = 0;
    directory = ab_directory_new(&config, &ops, NULL, now);
    for (unsigned host = 1; host <= AT_ONCE; host++)
        add(host, "other");
    pass_until(now + AB_MS(1));
}

static void free_directory(void)
{
    ab_directory_free(directory);
}

TestSuite(prober, .init = make_directory, .fini = free_directory, .timeout = 30);

Test(prober, what_waits_too_long_is_given_up_when_nothing_else_happens)
{
    ab_time heard = now;
    add(100, "lamp");
    pass_until(heard + LEASE + PATIENCE - 1);
    cr_assert_eq(probes, AT_ONCE);
    cr_assert_eq(told, AUTOBUS_APPEARED);
    pass_until(heard + LEASE + PATIENCE);
    cr_assert_eq(told, AUTOBUS_LEFT);
    cr_assert_eq(told_at, heard + LEASE + PATIENCE);
}

/* The first probe of it is stale by the time the second is ordered: its verdict is about who left before. */
Test(prober, a_service_that_came_back_is_not_given_up_for_an_old_probe)
{
    ab_time heard = now;
    add(100, "lamp");
    add(100, "fan");
    pass_until(heard + LEASE + AB_MS(1000));
    hear(100, "{\"command\":\"remove\",\"port\":7,\"service\":\"lamp\"}");
    cr_assert_eq(told, AUTOBUS_LEFT);
    ab_time back = now;
    add(100, "lamp");
    cr_assert_eq(told, AUTOBUS_APPEARED);
    pass_until(back + LEASE + PATIENCE - 1);
    cr_assert_eq(told, AUTOBUS_APPEARED, "left after %g s", (double)(told_at - back) / 1e6);
    pass_until(back + LEASE + PATIENCE);
    cr_assert_eq(told, AUTOBUS_LEFT);
}
