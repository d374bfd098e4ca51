/* SPDX-License-Identifier: MIT
 * The broadcast source, on loopback and a port of the test's own. */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "discovery/broadcast.h"
#include "unit/discovery/bus_thread.h"

/* One bus's end of it, and what it heard last from others. */
typedef struct end {
    ab_source *source;
    int heard, heard_own;
    ab_origin origin;
    char bytes[16];
} end;

static ab_loop *loop;
static ab_interfaces *interfaces;
static uint16_t port;

static void ignore_change(void *owner)
{
    (void)owner;
}

static void begin(void)
{
    loop = bus_thread_new();
    port = bus_free_port();
    cr_assert_eq(ab_interfaces_new(loop, "lo", ignore_change, NULL, &interfaces), AUTOBUS_OK, "%s",
                 autobus_last_error());
}

static void finish(void)
{
    ab_interfaces_free(interfaces);
    ab_loop_free(loop);
}

TestSuite(broadcast, .init = begin, .fini = finish);

static void hear(void *owner, const ab_origin *origin, const char *bytes, size_t length)
{
    end *here = owner;
    if (origin->is_own) {
        here->heard_own++;
        return;
    }
    here->origin = *origin;
    cr_assert_lt(length, sizeof here->bytes);
    memcpy(here->bytes, bytes, length);
    here->bytes[length] = '\0';
    here->heard++;
}

static autobus_result open_end(end *here, bool is_for_peers)
{
    ab_broadcast_config config = {.port = port,
                                  .is_for_peers = is_for_peers,
                                  .interfaces = interfaces,
                                  .heard = hear,
                                  .owner = here};
    *here = (end){0};
    return ab_broadcast_new(loop, &config, &here->source);
}

static void send_from(end *here, ab_reach reach, const ab_place *to, const char *text)
{
    bus_lock(loop);
    here->source->class->send(here->source, reach, to, AB_PACKET_QUERY, text, strlen(text));
    bus_unlock(loop);
}

static uint64_t stat_of(end *here, autobus_stat which)
{
    return here->source->class->stat(here->source, which);
}

static bool has_heard(void *argument)
{
    return ((end *)argument)->heard > 0;
}

static bool has_heard_own(void *argument)
{
    return ((end *)argument)->heard_own > 0;
}

Test(broadcast, reaches_the_other_programs_of_the_machine_and_ourselves)
{
    end a, b;
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(open_end(&b, false), AUTOBUS_OK, "%s", autobus_last_error());
    bus_thread_start(loop);
    send_from(&a, AB_REACH_ALL, NULL, "who");
    cr_assert(bus_thread_until(loop, has_heard, &b), "nothing arrives");
    cr_assert(bus_thread_until(loop, has_heard_own, &a), "not even at home");
    bus_thread_stop(loop);
    cr_expect_str_eq(b.bytes, "who");
    cr_expect(b.origin.is_near);
    cr_expect(b.origin.is_shared);
    cr_expect_not(b.origin.is_unicast);
    cr_expect(ab_address_is_loopback(&b.origin.from.address));
    cr_expect_eq(a.heard, 0);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SENT_PACKETS), 1);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SENT_QUERY), 1);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SENT_BYTES), 3);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SENT_LOOPBACK_BYTES), 3);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_HEARD_PACKETS), 0, "our own echo is no news");
    cr_expect_eq(stat_of(&b, AUTOBUS_STAT_HEARD_PACKETS), 1);
    cr_expect_eq(stat_of(&b, AUTOBUS_STAT_HEARD_BYTES), 3);
    a.source->class->free(a.source);
    b.source->class->free(b.source);
}

/* The kernel says with a packet how many it dropped before: so each look sends one more. */
static bool knows_what_it_missed(void *argument)
{
    end *here = argument;
    here->source->class->send(here->source, AB_REACH_EACH, NULL, AB_PACKET_QUERY, "who", 3);
    return stat_of(here, AUTOBUS_STAT_DROPPED_LATE) > 0;
}

Test(broadcast, counts_what_came_faster_than_it_was_read)
{
    end a;
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    for (int i = 0; i < 9999; i++)
        send_from(&a, AB_REACH_EACH, NULL, "who");
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_DROPPED_LATE), 0);
    bus_thread_start(loop);
    cr_assert(bus_thread_until(loop, knows_what_it_missed, &a));
    bus_thread_stop(loop);
    a.source->class->free(a.source);
}

Test(broadcast, is_answered_at_the_socket_it_came_from)
{
    end a, b;
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(open_end(&b, false), AUTOBUS_OK, "%s", autobus_last_error());
    bus_thread_start(loop);
    send_from(&a, AB_REACH_EACH, NULL, "who");
    cr_assert(bus_thread_until(loop, has_heard, &b));
    send_from(&b, AB_REACH_ONE, &b.origin.from, "me");
    cr_assert(bus_thread_until(loop, has_heard, &a));
    bus_thread_stop(loop);
    cr_expect_str_eq(a.bytes, "me");
    cr_expect(a.origin.is_unicast);
    cr_expect_not(a.origin.is_shared);
    cr_expect(a.origin.is_near);
    a.source->class->free(a.source);
    b.source->class->free(b.source);
}

Test(broadcast, for_listed_peers_alone_asks_them_and_nobody_else)
{
    end quiet, open;
    cr_assert_eq(open_end(&open, false), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(open_end(&quiet, true), AUTOBUS_OK, "%s", autobus_last_error());
    bus_thread_start(loop);
    send_from(&quiet, AB_REACH_ALL, NULL, "all");
    send_from(&quiet, AB_REACH_ONE, &(ab_place){.address = ab_address_v4(0x7f000001, port)}, "you");
    cr_assert(bus_thread_until(loop, has_heard, &open));
    bus_thread_stop(loop);
    cr_expect_str_eq(open.bytes, "you");
    cr_expect(open.origin.is_shared);
    cr_expect(open.origin.is_unicast);
    cr_expect_eq(stat_of(&quiet, AUTOBUS_STAT_SENT_PACKETS), 1);
    quiet.source->class->free(quiet.source);
    open.source->class->free(open.source);
}

Test(broadcast, counts_what_could_not_be_sent)
{
    end a;
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    ab_place nowhere = {.address = ab_address_v4(0x0a000001, 9), .interface = 1u << 30};
    send_from(&a, AB_REACH_ONE, &nowhere, "you");
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SEND_FAILED), 1);
    cr_expect_eq(stat_of(&a, AUTOBUS_STAT_SENT_PACKETS), 0);
    a.source->class->free(a.source);
}

Test(broadcast, refuses_a_port_that_somebody_keeps_for_himself)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(port)};
    char number[16];
    end a;
    cr_assert_eq(bind(fd, (struct sockaddr *)&all, sizeof all), 0);
    cr_assert_eq(open_end(&a, false), AUTOBUS_IN_USE);
    snprintf(number, sizeof number, " %u ", (unsigned)port);
    cr_expect_not_null(strstr(autobus_last_error(), number), "%s", autobus_last_error());
    close(fd);
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    a.source->class->free(a.source);
}

Test(broadcast, says_which_interfaces_are_asked)
{
    end a;
    cr_assert_eq(open_end(&a, false), AUTOBUS_OK, "%s", autobus_last_error());
    char *text = a.source->class->text(a.source);
    cr_expect_eq(strncmp(text, "lo (127.0.0.1", 13), 0, "%s", text);
    free(text);
    a.source->class->free(a.source);
}

Test(broadcast, knows_a_packet_that_crossed_a_router_by_its_ttl)
{
    cr_expect(ab_broadcast_is_fresh(255));
    cr_expect(ab_broadcast_is_fresh(64), "a legacy peer's");
    cr_expect(ab_broadcast_is_fresh(1), "multicast of old");
    cr_expect(ab_broadcast_is_fresh(-1), "unknown");
    cr_expect_not(ab_broadcast_is_fresh(63));
    cr_expect_not(ab_broadcast_is_fresh(254));
    cr_expect_not(ab_broadcast_is_fresh(127));
    cr_expect_not(ab_broadcast_is_fresh(2));
}
