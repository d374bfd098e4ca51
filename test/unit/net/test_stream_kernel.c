/* SPDX-License-Identifier: MIT
 * What a stream learns from its kernel about the other one. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"
#include "support/own_network.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

#define LARGE (16 * 1024 * 1024)

static ab_loop *loop;
static side here;
static int there;

static void begin(void)
{
    loop = running_new();
    side_init(&here, loop);
    there = -1;
}

static void fini_on_bus(void *argument)
{
    side_fini(argument);
}

static void end(void)
{
    running_end(loop, fini_on_bus, &here);
    if (there >= 0)
        close(there);
    own_network_leave();
}

TestSuite(stream_kernel, .init = begin, .fini = end);

static ab_stream_acks ask(void)
{
    ab_stream_acks acks = {0};
    running_lock(loop);
    cr_assert(ab_stream_ask_kernel(here.stream, &acks));
    running_unlock(loop);
    return acks;
}

static void write_bytes(size_t length)
{
    char *bytes = calloc(1, length);
    running_lock(loop);
    ab_stream_write(here.stream, bytes, length);
    running_unlock(loop);
    free(bytes);
}

static bool owes_nothing(const void *stream)
{
    ab_stream_acks acks;
    return ab_stream_ask_kernel(stream, &acks) && !acks.is_owing && acks.in_flight == 0;
}

static bool owes(const void *stream)
{
    ab_stream_acks acks;
    return ab_stream_ask_kernel(stream, &acks) && acks.is_owing;
}

static bool owes_for_half_a_second(const void *stream)
{
    ab_stream_acks acks;
    return ab_stream_ask_kernel(stream, &acks) && acks.is_owing && acks.ago >= AB_MS(500);
}

Test(stream_kernel, tells_what_was_acknowledged)
{
    there = side_connect(&here);
    write_bytes(1000);
    cr_assert(running_until(loop, owes_nothing, here.stream));
    cr_expect_eq(ask().taken, 1000);
    cr_expect_lt(ask().ago, AB_MS(5000));
}

Test(stream_kernel, does_not_take_a_stopped_reader_for_a_vanished_one)
{
    there = side_connect(&here);
    write_bytes(LARGE);
    running_lock(loop);
    size_t queued = ab_stream_pending(here.stream);
    running_unlock(loop);
    cr_assert_gt(queued, 0, "more than a kernel takes");
    ab_stream_acks acks = ask();
    cr_expect_gt(acks.in_flight, 0);
    cr_expect_leq(acks.taken + acks.in_flight, LARGE - queued + 65536);
}

Test(stream_kernel, tells_that_nobody_acknowledges_any_more)
{
    own_network_enter();
    there = side_connect(&here);
    write_bytes(10);
    cr_assert(running_until(loop, owes_nothing, here.stream));
    own_network_ip("link set lo down");
    write_bytes(10);
    cr_assert(running_until(loop, owes, here.stream));
    cr_assert(running_until(loop, owes_for_half_a_second, here.stream));
    cr_expect_eq(ask().taken, 10);
    cr_expect_eq(ask().in_flight, 10);
}

Test(stream_kernel, of_a_unix_socket_is_owed_nothing_and_tells_what_was_read)
{
    static char bytes[4096];
    there = side_connect_near(&here);
    running_lock(loop);
    ab_stream_guard(here.stream, true);
    running_unlock(loop);
    write_bytes(sizeof bytes);
    cr_expect_not(ask().is_owing, "a stopped process is not a vanished host");
    cr_expect_geq(ask().in_flight, sizeof bytes);
    cr_expect_eq(ask().taken, 0);
    cr_assert_eq(recv(there, bytes, sizeof bytes, MSG_WAITALL), (ssize_t)sizeof bytes);
    cr_assert(running_until(loop, owes_nothing, here.stream));
    cr_expect_eq(ask().taken, sizeof bytes);
}

static bool is_gone(const void *stream)
{
    ab_stream_acks acks;
    return ab_stream_ask_kernel(stream, &acks) && acks.is_gone;
}

static bool has_ended(const void *ended)
{
    return *(const int *)ended == 1;
}

static void expect_half_and_whole_end(void)
{
    cr_expect_not(ask().is_gone);
    shutdown(there, SHUT_WR);
    cr_assert(running_until(loop, has_ended, &here.ended));
    cr_expect_not(ask().is_gone, "it may still read");
    close(there);
    there = -1;
    write_bytes(10);
    cr_expect(running_until(loop, is_gone, here.stream));
}

Test(stream_kernel, tells_who_closed_one_direction_from_who_is_gone)
{
    there = side_connect(&here);
    expect_half_and_whole_end();
}

Test(stream_kernel, of_a_unix_socket_tells_the_same)
{
    there = side_connect_near(&here);
    expect_half_and_whole_end();
}

static bool is_told(const void *error)
{
    return *(const int *)error != 0;
}

Test(stream_kernel, knows_nothing_of_a_connection_that_was_never_made)
{
    uint16_t port;
    close(plain_listen(&port));
    side_dial(&here, "127.0.0.1", port);
    cr_assert(running_until(loop, is_told, &here.error));
    ab_stream_acks acks;
    running_lock(loop);
    ab_stream_guard(here.stream, true);
    ab_stream_guard(here.stream, false);
    cr_expect(!ab_stream_ask_kernel(here.stream, &acks) || acks.taken == 0);
    running_unlock(loop);
}
