/* SPDX-License-Identifier: MIT
 * A server that gives all the credit there is and then does not read: what waits for it stays within bounds, on
 * channels that we opened and on those that we were offered. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer/channel.h"
#include "peer/link_state.h"
#include "peer/session.h"
#include "support/eventually.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"
#include "unit/peer/pair.h"

#define MOST      200000
#define MESSAGE   50000
#define ALL       "9007199254740992"
#define OPENED    "{\"_type\":3,\"_command\":\"opened\",\"channel\":1,\"credit\":" ALL "}\r\n"
#define THOUSANDS 100000 /* more messages than any kernel takes */

static dialler *from;
static int server;
static ab_seat seat;
static ear who;
static char message[MESSAGE + 1];

static void open_dialler(void)
{
    from = dialler_open();
    from->limits.max_queued = MOST;
    int small = 4096;
    setsockopt(from->listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    server = dialler_bind(from, DIALLER_BOUND);
    ab_seat_init(&seat, NULL);
    seat.loop = from->loop;
    seat.lock = ab_loop_lock(from->loop);
    seat.deliveries = ab_deliveries_new(from->loop, true);
    memset(message, '1', MESSAGE);
    memset(&who, 0, sizeof who);
}

/* The link goes first: it tells its channels. */
AB_UNCHECKED static void close_dialler(void)
{
    if (from->link != NULL)
        dialler_hang_up(from);
    if (who.channel != NULL)
        ab_channel_free(who.channel);
    ab_deliveries_finish(seat.deliveries);
    dialler_lock(from);
    ab_deliveries_free(seat.deliveries);
    dialler_unlock(from);
    dialler_close(from);
    close(server);
}

TestSuite(link_bounds, .init = open_dialler, .fini = close_dialler, .timeout = 60);

static autobus_result open_channel(ear *with, bool is_stream)
{
    ab_hearer *hearer = ab_hearer_new(&seat, ear_hear, with, ear_free);
    dialler_lock(from);
    autobus_result result =
        ab_channel_open(&seat, ab_link_channels(from->link), NULL, AB_SLICE("chat"), is_stream,
                        AB_SLICE("null"), hearer, &with->channel);
    dialler_unlock(from);
    return result;
}

/* Runs callbacks until it has heard that much. */
static void hear_until(const char *heard)
{
    EVENTUALLY(ab_deliveries_dispatch(seat.deliveries) >= 0 && strcmp(who.heard, heard) == 0);
}

static size_t waiting(void)
{
    dialler_lock(from);
    size_t bytes =
        ab_stream_pending(from->link->trunk->stream) + ab_buffer_length(&from->link->trunk->out);
    dialler_unlock(from);
    return bytes;
}

static void open_with_all_credit(bool is_stream)
{
    cr_assert_eq(open_channel(&who, is_stream), AUTOBUS_OK);
    client_line(server);
    client_send(server, OPENED);
    hear_until("opened");
}

/* Until nothing waits. */
static void read_on(void)
{
    static char bytes[1 << 20];
    while (waiting() > 0)
        cr_assert_gt(recv(server, bytes, sizeof bytes, 0), 0);
}

static autobus_result send_until_refused(void)
{
    ab_slice value = {message, MESSAGE};
    autobus_result result = AUTOBUS_OK;
    for (int left = THOUSANDS; left > 0 && result == AUTOBUS_OK; left--)
        result = ab_channel_send(who.channel, value);
    return result;
}

Test(link_bounds, refuse_messages_whatever_the_credit_and_take_them_again)
{
    open_with_all_credit(false);
    cr_assert_eq(send_until_refused(), AUTOBUS_BUSY);
    cr_assert(waiting() > 0 && waiting() <= MOST, "%zu bytes wait", waiting());
    cr_assert_eq(send_until_refused(), AUTOBUS_BUSY);
    read_on();
    hear_until("opened, writable");
    cr_assert_eq(send_until_refused(), AUTOBUS_BUSY, "and so on");
    cr_assert_eq(from->ended, 0);
}

Test(link_bounds, take_as_much_of_a_stream_as_there_is_room_for)
{
    size_t sent = 0, whole = 0;
    static char bytes[8 << 20];
    open_with_all_credit(true);
    autobus_result result = AUTOBUS_OK;
    for (int left = THOUSANDS; left > 0 && result == AUTOBUS_OK; left--, whole += sent)
        result = ab_channel_write(who.channel, bytes, sizeof bytes, &sent);
    cr_assert_eq(result, AUTOBUS_BUSY);
    cr_assert_gt(whole, 0);
    /* What is written while nothing waits may have one message's size, and the rest no more than the bound. */
    cr_assert_leq(waiting(), from->limits.max_message + 2 * MOST, "%zu bytes wait", waiting());
    size_t first = waiting();
    cr_assert_eq(ab_channel_write(who.channel, bytes, sizeof bytes, &sent), AUTOBUS_BUSY);
    cr_assert_eq(waiting(), first);
}

Test(link_bounds, say_that_the_rest_of_a_large_write_can_go)
{
    static char bytes[8 << 20], heard[1 << 20];
    size_t sent = 0, whole = 0;
    open_with_all_credit(true);
    for (int left = 1000; left > 0 && whole < sizeof bytes; left--) {
        autobus_result result =
            ab_channel_write(who.channel, bytes + whole, sizeof bytes - whole, &sent);
        cr_assert(result == AUTOBUS_OK || result == AUTOBUS_BUSY);
        whole += sent;
        unsigned count = atomic_load(&who.count);
        while (whole < sizeof bytes && atomic_load(&who.count) == count) {
            (void)recv(server, heard, sizeof heard, MSG_DONTWAIT);
            (void)ab_deliveries_dispatch(seat.deliveries);
        }
    }
    cr_assert_eq(whole, sizeof bytes);
}

Test(link_bounds, refuse_channels_to_who_does_not_read)
{
    open_with_all_credit(false);
    cr_assert_eq(send_until_refused(), AUTOBUS_BUSY);
    static char argument[MOST];
    memset(argument, '1', sizeof argument);
    ear other = {0};
    ab_hearer *hearer = ab_hearer_new(&seat, ear_hear, &other, ear_free);
    dialler_lock(from);
    autobus_result result =
        ab_channel_open(&seat, ab_link_channels(from->link), NULL, AB_SLICE("chat"), false,
                        (ab_slice){argument, sizeof argument}, hearer, &other.channel);
    dialler_unlock(from);
    cr_assert_eq(result, AUTOBUS_BUSY);
    (void)ab_deliveries_dispatch(seat.deliveries);
    cr_assert_eq(atomic_load(&other.frees), 1);
}

Test(link_bounds, do_not_open_and_close_channels_without_end)
{
    autobus_result result = AUTOBUS_OK;
    for (int left = THOUSANDS * 10; left > 0 && result == AUTOBUS_OK; left--) {
        ear one = {0};
        result = open_channel(&one, false);
        if (result == AUTOBUS_OK)
            ab_channel_free(one.channel);
        (void)ab_deliveries_dispatch(seat.deliveries);
    }
    cr_assert_eq(result, AUTOBUS_BUSY);
    cr_assert_leq(waiting(), 2 * MOST);
    cr_assert_eq(from->ended, 0);
}

/* What must be said, and may not be left out. */
Test(link_bounds, end_when_subscriptions_are_not_read)
{
    unsigned ended = 0;
    for (int left = THOUSANDS * 10; left > 0 && ended == 0; left--) {
        dialler_lock(from);
        ab_link_watch(from->link, (ab_slice){message, 200}, left % 2 == 0);
        ended = from->ended;
        dialler_unlock(from);
    }
    dialler_expect_end(from, AUTOBUS_CLOSED, "does not read");
}

Test(link_bounds, do_not_count_what_was_read)
{
    from->limits.max_queued = 1000;
    dialler_hang_up(from);
    close(server);
    server = dialler_bind(from, DIALLER_BOUND);
    for (int i = 0; i < 200; i++)
        dialler_catch_up(from, server);
    dialler_run(from, NULL);
    cr_assert_eq(from->ended, 0, "%s", from->sentence);
}
