/* SPDX-License-Identifier: MIT
 * What becomes of the locations that a daemon tells, and of those it tells no longer. The buses behind them are
 * sockets on loopback: one that answers visits, or a port where nobody is. */
#include <criterion/criterion.h>

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "discovery/avahi_table.h"
#include "net/acceptor.h"
#include "net/stream.h"
#include "unit/discovery/bus_thread.h"

#define OURS     7
#define LAMP     8
#define STRANGER 9

static ab_loop *loop;
static ab_interfaces *interfaces;
static ab_acceptor *acceptor;
static ab_avahi_config config;
static ab_avahi_table *table;
/* What was told, in a letter each: + told, - lost; "8" or "9" is the bus. */
static char heard[256];

static void note(char what, uint64_t bus)
{
    size_t length = strlen(heard);
    snprintf(heard + length, sizeof heard - length, "%c%u ", what, (unsigned)bus);
}

static void take_told(void *owner, const ab_address *at, const ab_presence *presence)
{
    (void)owner, (void)at;
    note('+', presence->bus);
}

static void take_lost(void *owner, const ab_address *at, uint64_t bus)
{
    (void)owner, (void)at;
    note('-', bus);
}

static void ignore_change(void *owner)
{
    (void)owner;
}

/* A bus that answers every bind. */

typedef struct guest {
    ab_stream *stream;
} guest;
static guest guests[8];
static int guest_count;

static void answer(void *owner, ab_buffer *in)
{
    guest *here = owner;
    if (ab_buffer_length(in) == 0 || ab_buffer_bytes(in)[ab_buffer_length(in) - 1] != '\n')
        return;
    ab_buffer_consume(in, ab_buffer_length(in));
    ab_stream_write(here->stream, "{\"_type\":2,\"_id\":\"1\"}\r\n", 23);
}

static void let_go(void *owner, int error)
{
    guest *here = owner;
    (void)error;
    ab_stream_close(here->stream);
    here->stream = NULL;
}

static void accept_guest(void *owner, int fd, const ab_address *peer)
{
    static const ab_stream_ops ops = {.received = answer, .ended = let_go};
    (void)owner, (void)peer;
    cr_assert_lt(guest_count, 8);
    guest *here = &guests[guest_count++];
    here->stream = ab_stream_adopt(loop, fd, &ops, here);
}

static void begin(void)
{
    static const ab_avahi_ops ops = {.told = take_told, .lost = take_lost};
    heard[0] = '\0';
    guest_count = 0;
    loop = bus_thread_new();
    cr_assert_eq(ab_interfaces_new(loop, "lo", ignore_change, NULL, &interfaces), AUTOBUS_OK);
    cr_assert_eq(ab_acceptor_open(loop, 0, accept_guest, NULL, &acceptor), AUTOBUS_OK, "%s",
                 autobus_last_error());
    config = (ab_avahi_config){
        .interfaces = interfaces, .bus = OURS, .probe_timeout = AB_MS(3000), .ops = &ops};
    table = ab_avahi_table_new(loop, &config);
    bus_thread_start(loop);
}

static void finish(void)
{
    bus_thread_stop(loop);
    ab_avahi_table_free(table);
    ab_acceptor_close(acceptor);
    for (int i = 0; i < guest_count; i++)
        ab_stream_close(guests[i].stream);
    ab_interfaces_free(interfaces);
    ab_loop_free(loop);
}

TestSuite(avahi_table, .init = begin, .fini = finish);

/* Where nobody listens: port 1 of an address of this machine. */
static uint16_t deserted(void)
{
    return 1;
}

static uint16_t inhabited(void)
{
    return ab_acceptor_port(acceptor);
}

static void bring(ab_avahi_event event, uint64_t item, uint64_t bus, uint16_t port)
{
    ab_avahi_news news = {
        .event = event,
        .item = item,
        .interface = if_nametoindex("lo"),
        .at = ab_address_v4(0x7f000001, port),
        .presence = {.bus = bus, .sequence = 1, .count = 1, .interval = 10000, .port = port},
    };
    bus_lock(loop);
    ab_avahi_table_take(table, &news);
    bus_unlock(loop);
}

static void lose_daemon(void)
{
    bus_lock(loop);
    ab_avahi_table_orphan(table);
    bus_unlock(loop);
}

static bool has_heard(void *expected)
{
    return strcmp(heard, *(const char **)expected) == 0;
}

static void expect_heard(const char *expected)
{
    cr_assert(bus_thread_until(loop, has_heard, &expected), "heard %sinstead of %s", heard,
              expected);
}

static bool has_guest(void *argument)
{
    (void)argument;
    return guest_count > 0 && guests[guest_count - 1].stream == NULL;
}

Test(avahi_table, tells_a_bus_and_every_change_of_it)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    expect_heard("+8 +8 ");
}

Test(avahi_table, leaves_our_own_record_out)
{
    bring(AB_AVAHI_FOUND, 1, OURS, deserted());
    bring(AB_AVAHI_FOUND, 2, LAMP, deserted());
    expect_heard("+8 ");
}

Test(avahi_table, loses_a_bus_that_is_nowhere_any_more)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    bring(AB_AVAHI_GONE, 1, 0, 0);
    expect_heard("+8 -8 ");
}

Test(avahi_table, keeps_a_bus_that_is_there_without_its_record)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, inhabited());
    bring(AB_AVAHI_GONE, 1, 0, 0);
    cr_assert(bus_thread_until(loop, has_guest, NULL), "nobody visits it");
    expect_heard("+8 ");
    bring(AB_AVAHI_FOUND, 2, LAMP, inhabited());
    expect_heard("+8 +8 ");
}

Test(avahi_table, believes_that_a_bus_has_gone_whose_place_another_one_takes)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, inhabited());
    bring(AB_AVAHI_GONE, 1, 0, 0);
    cr_assert(bus_thread_until(loop, has_guest, NULL));
    bring(AB_AVAHI_FOUND, 2, STRANGER, inhabited());
    expect_heard("+8 +9 -8 ");
}

Test(avahi_table, loses_a_location_with_the_last_interface_that_shows_it)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    bring(AB_AVAHI_FOUND, 2, LAMP, deserted());
    bring(AB_AVAHI_GONE, 1, 0, 0);
    expect_heard("+8 +8 ");
    bring(AB_AVAHI_GONE, 2, 0, 0);
    expect_heard("+8 +8 -8 ");
}

Test(avahi_table, loses_nobody_with_the_daemon)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    lose_daemon();
    /* The next daemon counts from one again. */
    bring(AB_AVAHI_FOUND, 1, STRANGER, inhabited());
    bring(AB_AVAHI_FOUND, 2, LAMP, deserted());
    expect_heard("+8 +9 +8 ");
}

Test(avahi_table, loses_whom_the_next_daemon_does_not_find)
{
    bring(AB_AVAHI_FOUND, 1, LAMP, deserted());
    lose_daemon();
    bring(AB_AVAHI_COMPLETE, 0, 0, 0);
    expect_heard("+8 ");
    expect_heard("+8 -8 ");
}

Test(avahi_table, connects_to_nobody_beyond_our_links)
{
    ab_avahi_news news = {
        .event = AB_AVAHI_FOUND,
        .item = 1,
        .interface = if_nametoindex("lo"),
        .at = ab_address_v4(0xc6336401, 80), /* 198.51.100.1 */
        .presence = {.bus = LAMP, .sequence = 1, .count = 1, .interval = 10000, .port = 80},
    };
    bus_lock(loop);
    ab_avahi_table_take(table, &news);
    bus_unlock(loop);
    bring(AB_AVAHI_FOUND, 2, STRANGER, deserted());
    expect_heard("+9 ");
}
