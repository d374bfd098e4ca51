/* SPDX-License-Identifier: MIT
 * Discovery as a whole: real directories, sockets on loopback, ports of the test's own. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "discovery/discovery.h"
#include "unit/discovery/bus_thread.h"

/* A bus, as far as discovery goes, and what it heard: "+id -id ~id ". */
typedef struct seat {
    ab_discovery *discovery;
    char heard[256];
    int turns;
} seat;

static ab_loop *loop;

static void begin(void)
{
    loop = bus_thread_new();
}

static void finish(void)
{
    ab_loop_free(loop);
}

TestSuite(discovery, .init = begin, .fini = finish);

static void hear(void *owner, autobus_change change, autobus_sighting *sighting)
{
    seat *here = owner;
    size_t length = strlen(here->heard);
    snprintf(here->heard + length, sizeof here->heard - length, "%c%.*s ", "+-~"[change],
             (int)sighting -> id -> length, sighting -> id -> bytes);
}

static void hear_rename(void *owner, uint64_t bus)
{
    (void)owner, (void)bus;
    cr_assert_fail("a bus of a kind takes another id");
}

static void count_turn(void *owner)
{
    ((seat *)owner)->turns++;
}

static ab_discovery_config loopback_config(uint16_t port, uint64_t bus)
{
    ab_discovery_config config = {.udp_port = port, .sources = "broadcast", .interfaces = "lo"};
    ab_directory_defaults(&config.directory);
    config.directory.bus = bus;
    config.directory.seed = bus;
    config.directory.port = 4711;
    config.directory.hold_back = 0;
    return config;
}

static autobus_result take_seat(seat *here, const ab_discovery_config *config)
{
    static const ab_discovery_ops ops = {
        .changed = hear, .renamed = hear_rename, .turned = count_turn};
    *here = (seat){0};
    return ab_discovery_new(loop, config, &ops, here, &here->discovery);
}

static void take_loopback_seat(seat *here, uint16_t port, uint64_t bus)
{
    ab_discovery_config config = loopback_config(port, bus);
    cr_assert_eq(take_seat(here, &config), AUTOBUS_OK, "%s", autobus_last_error());
}

static void publish(seat *here, const char *id)
{
    ab_text *name = ab_text_new(id, strlen(id)), *info = ab_text_new("{\"type\":\"lamp\"}", 15);
    bus_lock(loop);
    autobus_result result = ab_directory_publish(ab_discovery_directory(here->discovery),
                                                 ab_loop_now(loop), name, info);
    ab_discovery_touch(here->discovery);
    bus_unlock(loop);
    ab_text_unref(name);
    ab_text_unref(info);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

static void leave(seat *here)
{
    bus_lock(loop);
    ab_directory_leave(ab_discovery_directory(here->discovery), ab_loop_now(loop));
    ab_discovery_touch(here->discovery);
    bus_unlock(loop);
}

static void want(seat *here)
{
    bus_lock(loop);
    ab_directory_want(ab_discovery_directory(here->discovery), ab_loop_now(loop), true);
    ab_discovery_touch(here->discovery);
    bus_unlock(loop);
}

static bool has_heard_something(void *argument)
{
    return ((seat *)argument)->heard[0] != '\0';
}

static bool has_heard_goodbye(void *argument)
{
    return strchr(((seat *)argument)->heard, '-') != NULL;
}

static bool has_said_all(void *argument)
{
    return ab_directory_is_said(ab_discovery_directory(((seat *)argument)->discovery));
}

/* Descriptors of this process; with `only_udp`, UDP sockets. */
static int count_descriptors(bool only_udp)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int type = 0, domain = 0, fd = atoi(entry->d_name);
        socklen_t length = sizeof(int);
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length);
        getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
        bool is_udp = type == SOCK_DGRAM && (domain == AF_INET || domain == AF_INET6);
        count += !only_udp || is_udp;
    }
    closedir(folder);
    return count;
}

static void expect_refused(const ab_discovery_config *config, autobus_result expected,
                           const char *word)
{
    seat here;
    int before = count_descriptors(false);
    cr_expect_eq(take_seat(&here, config), expected);
    cr_expect_null(here.discovery);
    cr_expect_not_null(strstr(autobus_last_error(), word), "%s", autobus_last_error());
    cr_expect_eq(count_descriptors(false), before, "something is left open");
}

Test(discovery, finds_a_service_that_appears_and_hears_it_leave)
{
    uint16_t port = bus_free_port();
    seat lamp, lamp_watcher;
    take_loopback_seat(&lamp, port, 1);
    take_loopback_seat(&lamp_watcher, port, 2);
    bus_thread_start(loop);
    publish(&lamp, "a-lamp");
    cr_assert(bus_thread_until(loop, has_heard_something, &lamp_watcher), "nothing appears");
    leave(&lamp);
    cr_assert(bus_thread_until(loop, has_heard_goodbye, &lamp_watcher), "nothing leaves");
    cr_assert(bus_thread_until(loop, has_said_all, &lamp));
    bus_thread_stop(loop);
    cr_expect_str_eq(lamp_watcher.heard, "+a-lamp -a-lamp ", "heard %s", lamp_watcher.heard);
    cr_expect_gt(lamp_watcher.turns, 0, "the owner is told of turns");
    ab_discovery_free(lamp.discovery);
    ab_discovery_free(lamp_watcher.discovery);
}

Test(discovery, finds_what_was_there_before)
{
    uint16_t port = bus_free_port();
    seat lamp, late;
    take_loopback_seat(&lamp, port, 1);
    publish(&lamp, "a-lamp");
    take_loopback_seat(&late, port, 2);
    want(&late);
    bus_thread_start(loop);
    cr_assert(bus_thread_until(loop, has_heard_something, &late));
    bus_thread_stop(loop);
    cr_expect_str_eq(late.heard, "+a-lamp ");
    cr_expect_geq(ab_discovery_stat(late.discovery, AUTOBUS_STAT_SENT_QUERY), 1);
    cr_expect_geq(ab_discovery_stat(late.discovery, AUTOBUS_STAT_HEARD_PACKETS), 1);
    cr_expect_geq(ab_discovery_stat(lamp.discovery, AUTOBUS_STAT_HEARD_QUERY), 1);
    cr_expect_eq(ab_discovery_stat(late.discovery, AUTOBUS_STAT_SEND_FAILED), 0);
    ab_discovery_free(lamp.discovery);
    ab_discovery_free(late.discovery);
}

Test(discovery, asks_listed_peers_on_their_own_port)
{
    uint16_t port = bus_free_port();
    char peers[32];
    seat lamp, asker;
    take_loopback_seat(&lamp, port, 1);
    publish(&lamp, "a-lamp");
    snprintf(peers, sizeof peers, "127.0.0.1:%u", (unsigned)port);
    ab_discovery_config config = loopback_config(bus_free_port(), 2);
    config.peers = peers;
    cr_assert_eq(take_seat(&asker, &config), AUTOBUS_OK, "%s", autobus_last_error());
    want(&asker);
    bus_thread_start(loop);
    cr_assert(bus_thread_until(loop, has_heard_something, &asker), "the peer does not answer");
    bus_thread_stop(loop);
    cr_expect_str_eq(asker.heard, "+a-lamp ");
    ab_discovery_free(lamp.discovery);
    ab_discovery_free(asker.discovery);
}

Test(discovery, off_means_no_udp_socket_and_only_ones_own_services)
{
    ab_discovery_config config = loopback_config(bus_free_port(), 1);
    config.sources = "none";
    config.peers = "10.1.0.5";
    seat hermit;
    int before = count_descriptors(false);
    cr_assert_eq(take_seat(&hermit, &config), AUTOBUS_OK, "%s", autobus_last_error());
    cr_expect_eq(count_descriptors(true), 0);
    cr_expect_eq(count_descriptors(false), before);
    bus_thread_start(loop);
    publish(&hermit, "a-lamp");
    cr_assert(bus_thread_until(loop, has_heard_something, &hermit));
    bus_thread_stop(loop);
    cr_expect_str_eq(hermit.heard, "+a-lamp ");
    cr_expect_eq(ab_discovery_stat(hermit.discovery, AUTOBUS_STAT_SENT_PACKETS), 0);
    char *text = ab_discovery_text(hermit.discovery);
    cr_expect_str_eq(text, "none (discovery is off)");
    free(text);
    ab_discovery_free(hermit.discovery);
}

Test(discovery, says_who_is_asked)
{
    ab_discovery_config config = loopback_config(bus_free_port(), 1);
    config.peers = "127.0.0.9";
    seat here;
    cr_assert_eq(take_seat(&here, &config), AUTOBUS_OK, "%s", autobus_last_error());
    char *text = ab_discovery_text(here.discovery), end[64];
    snprintf(end, sizeof end, "), peers 127.0.0.9:%u", (unsigned)config.udp_port);
    cr_expect_eq(strncmp(text, "lo (127.0.0.1", 13), 0, "%s", text);
    cr_expect_not_null(strstr(text, end), "%s", text);
    free(text);
    ab_discovery_free(here.discovery);
}

Test(discovery, refuses_what_cannot_be_meant_and_leaves_nothing_open)
{
    ab_discovery_config config = loopback_config(bus_free_port(), 1);
    config.sources = "bonjour";
    expect_refused(&config, AUTOBUS_INVALID, "\"bonjour\"");
    config.sources = "broadcast";
    config.interfaces = "no-such-device";
    expect_refused(&config, AUTOBUS_INVALID, "\"no-such-device\"");
    config.interfaces = "lo";
    config.peers = "attic:door";
    expect_refused(&config, AUTOBUS_INVALID, "\"attic:door\"");
}

Test(discovery, refuses_a_port_that_somebody_keeps_for_himself)
{
    ab_discovery_config config = loopback_config(bus_free_port(), 1);
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(config.udp_port)};
    char number[16];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&all, sizeof all), 0);
    snprintf(number, sizeof number, "port %u", (unsigned)config.udp_port);
    expect_refused(&config, AUTOBUS_IN_USE, number);
    close(fd);
}
