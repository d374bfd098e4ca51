/* SPDX-License-Identifier: MIT
 * A stream against a plain socket on loopback. */
#include <criterion/criterion.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"
#include "support/own_network.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

#define LARGE (8 * 1024 * 1024)

static ab_loop *loop;
static side here;
static int there; /* the other side; -1: none */

static void begin(void)
{
    loop = running_new();
    there = -1;
    side_init(&here, loop);
}

static void fini_on_bus(void *argument)
{
    side_fini(argument);
}

static void end(void)
{
    if (loop != NULL)
        running_end(loop, fini_on_bus, &here);
    loop = NULL;
    if (there >= 0)
        close(there);
    own_network_leave();
}

TestSuite(stream, .init = begin, .fini = end);

static bool has_connected(const void *at)
{
    return ((const side *)at)->connected > 0;
}
static bool has_received(const void *at)
{
    return ((const side *)at)->received > 0;
}
static bool has_ended(const void *at)
{
    return ((const side *)at)->ended > 0;
}
static bool has_drained(const void *at)
{
    return ((const side *)at)->drained > 0;
}

static int number(const int *of_here)
{
    return running_number(loop, of_here);
}

#define EVENTUALLY(condition) \
    cr_assert(running_until(loop, condition, &here), "%s: never", #condition)

static void expect_heard(const char *text)
{
    running_lock(loop);
    cr_expect_eq(ab_buffer_length(&here.heard), strlen(text));
    cr_expect_arr_eq(ab_buffer_bytes(&here.heard), text, strlen(text));
    running_unlock(loop);
}

static void say(const char *text)
{
    running_lock(loop);
    ab_stream_write(here.stream, text, strlen(text));
    running_unlock(loop);
}

static void expect_other_side_reads(const char *text)
{
    char bytes[256] = "";
    cr_assert_eq(recv(there, bytes, strlen(text), MSG_WAITALL), (ssize_t)strlen(text));
    cr_expect_str_eq(bytes, text);
}

/* Closes with a reset instead of an end. */
static void reset_other_side(void)
{
    struct linger at_once = {.l_onoff = 1};
    cr_assert_eq(setsockopt(there, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(there);
    there = -1;
}

Test(stream, hears_and_is_heard)
{
    there = side_connect(&here);
    plain_write(there, "ping", 4);
    EVENTUALLY(has_received);
    expect_heard("ping");
    say("pong");
    expect_other_side_reads("pong");
    cr_expect_eq(ab_stream_pending(here.stream), 0);
    cr_expect_eq(number(&here.drained), 0, "nothing was ever queued");
}

Test(stream, dials_and_sends_what_was_written_before)
{
    uint16_t port;
    int listener = plain_listen(&port);
    side_dial(&here, "127.0.0.1", port);
    say("early");
    there = accept(listener, NULL, NULL);
    close(listener);
    EVENTUALLY(has_connected);
    expect_other_side_reads("early");
}

Test(stream, a_dial_refused_is_told)
{
    uint16_t port;
    close(plain_listen(&port));
    side_dial(&here, "127.0.0.1", port);
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), ECONNREFUSED);
    cr_expect_eq(number(&here.connected), 0);
    say("into nothing");
    cr_expect_eq(ab_stream_pending(here.stream), 0);
}

static void move_to_own_network(void)
{
    running_end(loop, NULL, NULL);
    loop = NULL;
    own_network_enter();
    loop = running_new();
    here.loop = loop;
}

Test(stream, a_dial_that_fails_at_once_is_told_later)
{
    move_to_own_network();
    side_dial(&here, "192.0.2.1", 9);
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), ENETUNREACH);
}

Test(stream, a_dial_that_nobody_answers_can_be_closed)
{
    move_to_own_network();
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    side_dial(&here, "10.1.0.2", 9);
    cr_expect_eq(number(&here.ended), 0);
}

Test(stream, dials_a_link_local_address_with_its_scope)
{
    move_to_own_network();
    own_network_device("d0");
    own_network_set("ipv6/conf/d0/accept_dad", "0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add fe80::77/64 dev d0 nodad");
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(5222)};
    cr_assert_eq(bind(listener, (struct sockaddr *)&any, sizeof any), 0);
    cr_assert_eq(listen(listener, 1), 0);
    side_dial(&here, "fe80::77%d0", 5222);
    EVENTUALLY(has_connected);
    close(listener);
}

Test(stream, a_dial_never_meets_itself)
{
    move_to_own_network();
    /* The kernel has only the dialled port to dial from. */
    own_network_set("ipv4/ip_local_port_range", "41000 41000");
    side_dial(&here, "127.0.0.1", 41000);
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), ECONNREFUSED);
    cr_expect_eq(number(&here.connected), 0);
}

Test(stream, a_plain_end_comes_after_all_input)
{
    there = side_connect(&here);
    static char bytes[300000];
    plain_write(there, bytes, sizeof bytes);
    close(there);
    there = -1;
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), 0);
    cr_expect_eq(ab_buffer_length(&here.heard), sizeof bytes);
    cr_expect_geq(number(&here.received), 5, "64 KiB a turn");
}

static uint64_t count_wakes(void) AB_UNCHECKED
{
    running_lock(loop);
    uint64_t wakes = ab_loop_wakes(loop);
    running_unlock(loop);
    return wakes;
}

static bool has_heard_all(const void *at)
{
    return ab_buffer_length(&((const side *)at)->heard) == (size_t)((const side *)at)->expected;
}

/* How often the thread was woken for sixteen times so many bytes. */
static unsigned wake_by(int length)
{
    static char bytes[40000];
    uint64_t before = count_wakes();
    for (int i = 0; i < 16; i++) {
        here.expected += length;
        plain_write(there, bytes, (size_t)length);
        EVENTUALLY(has_heard_all);
    }
    return (unsigned)(count_wakes() - before);
}

/* Ten seconds are more than any pause between two of the test's. Now and then so many come in more than one turn, of
 * which the last brings little. */
Test(stream, much_of_which_was_heard_is_looked_out_for)
{
    running_end(loop, fini_on_bus, &here);
    loop = ab_loop_new(NULL, NULL, NULL);
    ab_loop_look_out(loop, AB_MS(10000), 0);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
    side_init(&here, loop);
    there = side_connect(&here);
    cr_expect_leq(wake_by(40000), 8);
    cr_expect_geq(wake_by(4000), 15, "but for the first time, it slept");
}

Test(stream, who_closed_only_its_own_direction_still_hears)
{
    there = side_connect(&here);
    plain_write(there, "question", 8);
    shutdown(there, SHUT_WR);
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), 0);
    expect_heard("question");
    say("answer");
    expect_other_side_reads("answer");
}

Test(stream, a_reset_is_told_once)
{
    there = side_connect(&here);
    reset_other_side();
    EVENTUALLY(has_ended);
    cr_expect_eq(number(&here.error), ECONNRESET);
    say("into nothing");
    cr_expect_eq(number(&here.ended), 1);
}

/* The bus thread has no time for it; another finds out by writing that the other side is gone. */
Test(stream, what_was_said_before_a_reset_is_heard_whole_by_who_writes)
{
    static char much[1 << 20];
    int waiting = 0, room = sizeof much;
    there = side_connect(&here);
    setsockopt(there, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    running_lock(loop);
    setsockopt(ab_stream_fd(here.stream), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    while (send(there, much, 4096, MSG_DONTWAIT) > 0)
        continue;
    reset_other_side();
    cr_assert_eq(ioctl(ab_stream_fd(here.stream), FIONREAD, &waiting), 0);
    cr_assert_gt(waiting, 2 * 65536, "more than two turns");
    ab_stream_write(here.stream, "x", 1);
    running_unlock(loop);
    EVENTUALLY(has_ended);
    running_lock(loop);
    cr_expect_eq(ab_buffer_length(&here.heard), (size_t)waiting);
    running_unlock(loop);
}

static void pause_here(side *at)
{
    ab_stream_pause(at->stream, true);
}

static void set_paused(bool is_paused)
{
    running_lock(loop);
    ab_stream_pause(here.stream, is_paused);
    running_unlock(loop);
}

static void do_nothing(void *argument)
{
    (void)argument;
}

Test(stream, a_pause_stops_reading_and_ending)
{
    there = side_connect(&here);
    here.when_received = pause_here;
    plain_write(there, "one", 3);
    EVENTUALLY(has_received);
    expect_heard("one");
    plain_write(there, "two", 3);
    close(there);
    there = -1;
    for (int turns = 0; turns < 3; turns++)
        running_do(loop, do_nothing, NULL);
    cr_expect_eq(number(&here.received), 1);
    cr_expect_eq(number(&here.ended), 0);
    here.when_received = NULL;
    set_paused(false);
    EVENTUALLY(has_ended);
    expect_heard("onetwo");
}

static bool has_received_twice(const void *at)
{
    return ((const side *)at)->received >= 2;
}

Test(stream, what_a_pause_left_is_told_again_after_it)
{
    there = side_connect(&here);
    here.leaves_input = true;
    here.when_received = pause_here;
    plain_write(there, "line", 4);
    EVENTUALLY(has_received);
    running_lock(loop);
    here.leaves_input = false;
    here.when_received = NULL;
    running_unlock(loop);
    set_paused(false);
    EVENTUALLY(has_received_twice);
    expect_heard("line");
}

Test(stream, a_broken_connection_is_told_in_a_pause_to_who_writes)
{
    there = side_connect(&here);
    set_paused(true);
    reset_other_side();
    say("a");
    say("b");
    EVENTUALLY(has_ended);
    cr_expect_neq(number(&here.error), 0);
}

static char pattern_at(size_t place)
{
    return (char)(place * 7 + place / 4096);
}

static char *make_pattern(void)
{
    static char bytes[LARGE];
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = pattern_at(i);
    return bytes;
}

static bool has_heard_large(const void *at)
{
    return ab_buffer_length(&((const side *)at)->heard) == LARGE;
}

static void *write_large(void *bytes)
{
    plain_write(there, bytes, LARGE);
    return NULL;
}

Test(stream, a_large_message_arrives_whole_in_both_directions)
{
    char *bytes = make_pattern();
    static char back[LARGE];
    there = side_connect(&here);
    /* From a thread that is not the bus's, and more than the kernel takes at once. */
    running_lock(loop);
    ab_stream_write(here.stream, bytes, LARGE / 2);
    ab_stream_write(here.stream, bytes + LARGE / 2, LARGE / 2);
    cr_expect_gt(ab_stream_pending(here.stream), 0);
    running_unlock(loop);
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, write_large, bytes), 0);
    cr_assert_eq(recv(there, back, LARGE, MSG_WAITALL), LARGE);
    pthread_join(writer, NULL);
    cr_expect_arr_eq(back, bytes, LARGE);
    EVENTUALLY(has_drained);
    EVENTUALLY(has_heard_large);
    running_lock(loop);
    cr_expect_arr_eq(ab_buffer_bytes(&here.heard), bytes, LARGE);
    cr_expect_eq(ab_stream_pending(here.stream), 0);
    running_unlock(loop);
    cr_expect_eq(number(&here.drained), 1);
}

static void close_here(side *at)
{
    ab_stream_close(at->stream);
    at->stream = NULL;
}

static void expect_end_there(void)
{
    char bytes[16];
    long length = plain_read_all(there, bytes, sizeof bytes);
    cr_expect(length >= 0 || length == -ECONNRESET);
}

Test(stream, can_be_closed_when_it_connects)
{
    uint16_t port;
    int listener = plain_listen(&port);
    here.when_connected = close_here;
    side_dial(&here, "127.0.0.1", port);
    there = accept(listener, NULL, NULL);
    close(listener);
    expect_end_there();
    cr_expect_eq(number(&here.ended), 0);
}

Test(stream, can_be_closed_when_it_receives)
{
    there = side_connect(&here);
    here.when_received = close_here;
    plain_write(there, "x", 1);
    shutdown(there, SHUT_WR);
    expect_end_there();
    cr_expect_eq(number(&here.received), 1);
    cr_expect_eq(number(&here.ended), 0);
}

Test(stream, can_be_closed_when_it_ends)
{
    there = side_connect(&here);
    here.when_ended = close_here;
    plain_write(there, "x", 1);
    shutdown(there, SHUT_WR);
    expect_end_there();
    cr_expect_eq(number(&here.ended), 1);
}

Test(stream, can_be_closed_when_it_has_drained)
{
    there = side_connect(&here);
    here.when_drained = close_here;
    static char bytes[LARGE];
    running_lock(loop);
    ab_stream_write(here.stream, bytes, sizeof bytes);
    running_unlock(loop);
    cr_expect_eq(plain_read_all(there, NULL, 0), LARGE);
    cr_expect_eq(number(&here.drained), 1);
}

static void *write_letters(void *letter)
{
    for (int i = 0; i < 2000; i++) {
        running_lock(loop);
        ab_stream_write(here.stream, letter, 1);
        running_unlock(loop);
    }
    return NULL;
}

Test(stream, many_threads_may_write)
{
    there = side_connect(&here);
    pthread_t writers[4];
    char letters[4] = {'a', 'b', 'c', 'd'};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&writers[i], NULL, write_letters, &letters[i]), 0);
    static char bytes[8000];
    cr_assert_eq(recv(there, bytes, sizeof bytes, MSG_WAITALL), (ssize_t)sizeof bytes);
    for (int i = 0; i < 4; i++)
        pthread_join(writers[i], NULL);
    int counts[4] = {0};
    for (size_t i = 0; i < sizeof bytes; i++)
        counts[bytes[i] - 'a']++;
    for (int i = 0; i < 4; i++)
        cr_expect_eq(counts[i], 2000);
}
