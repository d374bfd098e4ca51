/* SPDX-License-Identifier: MIT
 * Who counts as alive, who as unresponsive, and who as dead. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "peer/link_state.h"
#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

static dialler *from;
static int server;

static void open_dialler(void)
{
    from = dialler_open();
    server = dialler_bind(from, DIALLER_BOUND);
}

static void close_dialler(void)
{
    dialler_close(from);
    close(server);
}

TestSuite(link_life, .init = open_dialler, .fini = close_dialler);

/* Reads a ping that has been sent, and returns its id. */
static unsigned long expect_ping(void)
{
    const char *line = client_line(server);
    unsigned long id = 0;
    cr_assert_eq(sscanf(line, "{\"_type\":1,\"_id\":\"%lu\",\"_command\":\"ping\"}", &id), 1, "%s",
                 line);
    return id;
}

static void answer_ping(unsigned long id)
{
    char answer[64];
    snprintf(answer, sizeof answer, "{\"_type\":2,\"_id\":\"%lu\"}\r\n", id);
    client_send(server, answer);
    dialler_run(from, NULL);
}

/* Bytes that have come and were not read. */
static size_t unread_lines(void)
{
    static char bytes[65536];
    ssize_t got = recv(server, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK);
    size_t lines = 0;
    for (ssize_t i = 0; i < got; i++)
        lines += bytes[i] == '\n';
    return lines;
}

Test(link_life, asks_after_four_seconds_of_silence)
{
    dialler_pass(from, AB_MS(3000));
    client_expect_silence(server);
    dialler_pass(from, AB_MS(1500));
    answer_ping(expect_ping());
    dialler_pass(from, AB_MS(3000));
    client_expect_silence(server);
    dialler_pass(from, AB_MS(1500));
    answer_ping(expect_ping());
    cr_assert_eq(from->unresponsive + from->ended, 0);
}

Test(link_life, asks_sooner_while_a_call_waits)
{
    dialled call = {0};
    dialler_pass(from, AB_MS(1000));
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    client_line(server);
    dialler_pass(from, AB_MS(1500));
    client_expect_silence(server);
    dialler_pass(from, AB_MS(1500));
    answer_ping(expect_ping());
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":1}\r\n");
    dialler_expect_call(from, &call, AUTOBUS_OK, "1");
    dialler_pass(from, AB_MS(3000));
    client_expect_silence(server);
}

Test(link_life, asks_nobody_who_talks)
{
    for (int i = 0; i < 30; i++) {
        client_send(server, "\r\n");
        dialler_pass(from, AB_MS(1000));
    }
    client_expect_silence(server);
}

Test(link_life, tells_who_hangs_once_and_once_when_he_is_back)
{
    dialler_pass(from, AB_MS(9000));
    cr_assert_eq(from->unresponsive, 0);
    dialler_pass(from, AB_MS(2000));
    cr_assert_eq(from->unresponsive, 1);
    dialler_pass(from, AB_MS(20000));
    cr_assert_eq(from->unresponsive, 1);
    cr_assert_eq(from->responsive + from->ended, 0);
    client_send(server, " ");
    dialler_wait(from, &from->responsive, 1);
    dialler_pass(from, AB_MS(9000));
    cr_assert_eq(from->unresponsive, 1);
    dialler_pass(from, AB_MS(2000));
    cr_assert_eq(from->unresponsive, 2);
}

Test(link_life, ends_after_a_minute_of_silence)
{
    dialled call = {0};
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    dialler_pass(from, AB_MS(58000));
    cr_assert_eq(from->ended, 0);
    dialler_pass(from, AB_MS(4000));
    dialler_expect_end(from, AUTOBUS_CLOSED, "said nothing for 60000 ms");
    dialler_expect_call(from, &call, AUTOBUS_CLOSED, "said nothing");
}

static void hang_up_inside(dialler *of)
{
    ab_link_close(of->link, "enough");
    of->link = NULL;
}

Test(link_life, may_be_closed_when_it_is_told_unresponsive_or_dead)
{
    from->then = hang_up_inside;
    dialler_pass(from, AB_MS(12000));
    cr_assert_eq(from->unresponsive, 1);
    cr_assert_null(from->link);
    close(server);
    from->then = NULL;
    from->finally = hang_up_inside;
    server = dialler_bind(from, DIALLER_BOUND);
    dialler_pass(from, AB_MS(62000));
    cr_assert_eq(from->ended, 1);
    cr_assert_null(from->link);
}

Test(link_life, keeps_saying_that_it_lives_while_it_pauses)
{
    dialler_pause(from, true);
    client_send(server, "{\"_command\":\"changed\",\"name\":\"x\",\"value\":1}\r\n");
    dialler_pass(from, AB_MS(20500));
    size_t pings = unread_lines();
    cr_assert(pings >= 9 && pings <= 10, "%zu pings", pings);
    dialler_pass(from, AB_MS(80000));
    cr_assert_eq(from->unresponsive + from->ended, 0);
    dialler_pause(from, false);
    dialler_expect(from, "changed x 1\n");
    dialler_pass(from, AB_MS(3000));
    cr_assert_eq(from->unresponsive + from->ended, 0);
}

Test(link_life, asks_old_servers_nothing)
{
    close(server);
    dialler_hang_up(from);
    server = dialler_bind(from, DIALLER_BOUND_OLD);
    dialler_pause(from, true);
    dialler_pass(from, AB_MS(5000));
    dialler_pause(from, false);
    dialler_pass(from, AB_MS(100000));
    client_expect_silence(server);
    cr_assert_eq(from->unresponsive + from->ended, 0);
}

static void doubt(dialler *of)
{
    ab_link_doubt(of->link);
}

Test(link_life, asks_whoever_is_doubted_at_once)
{
    dialler_run(from, doubt);
    answer_ping(expect_ping());
    close(dialler_accept(from)); /* the knock */
    close(server);
    dialler_hang_up(from);
    server = dialler_bind(from, DIALLER_BOUND_OLD);
    dialler_run(from, doubt);
    answer_ping(expect_ping());
    cr_assert_eq(from->ended, 0);
}

Test(link_life, ends_when_it_is_doubted_and_nobody_accepts_there_any_more)
{
    cr_assert_eq(shutdown(from->listening, SHUT_RDWR), 0);
    dialler_pass(from, AB_MS(1000));
    cr_assert_eq(from->ended, 0, "only a doubt is a reason to look");
    dialler_run(from, doubt);
    dialler_expect_end(from, AUTOBUS_CLOSED, "nobody accepts there any more");
}

/* Nobody takes what has connected: the kernel drops whoever knocks then, and he waits a second to try again. */
static void stop_accepting(int filler[2])
{
    struct sockaddr_storage there = {0};
    socklen_t length = sizeof there;
    cr_assert_eq(listen(from->listening, 0), 0);
    cr_assert_eq(getsockname(from->listening, (struct sockaddr *)&there, &length), 0);
    for (int i = 0; i < 2; i++) {
        filler[i] = socket(there.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(filler[i], (struct sockaddr *)&there, length);
    }
}

static ab_time knocked;

static void doubt_and_look(dialler *of)
{
    ab_link_doubt(of->link);
    cr_expect_not_null(of->link->trunk->knock.stream);
    knocked = of->link->trunk->knock.begun;
}

Test(link_life, knocks_again_when_it_is_doubted_again_and_nobody_has_answered)
{
    int filler[2] = {-1, -1};
    stop_accepting(filler);
    dialler_run(from, doubt_and_look);
    ab_time first = knocked;
    dialler_run(from, doubt_and_look);
    cr_expect_eq(knocked, first, "but not at once");
    dialler_pass(from, AB_MS(200));
    dialler_run(from, doubt_and_look);
    cr_expect_gt(knocked, first);
    cr_assert_eq(shutdown(from->listening, SHUT_RDWR), 0);
    dialler_pass(from, AB_MS(200));
    dialler_run(from, doubt);
    dialler_expect_end(from, AUTOBUS_CLOSED, "nobody accepts there any more");
    close(filler[0]);
    close(filler[1]);
}

Test(link_life, does_not_count_time_in_which_our_own_loop_stood_still)
{
    ab_clock_fake_advance(&from->clock, AB_MS(300000));
    dialler_pass(from, AB_MS(1000));
    cr_assert_eq(from->unresponsive + from->ended, 0);
    answer_ping(expect_ping());
    ab_clock_fake_advance(&from->clock, AB_MS(300000));
    dialler_pass(from, AB_MS(9000));
    cr_assert_eq(from->unresponsive + from->ended, 0);
    dialler_pass(from, AB_MS(53000));
    dialler_expect_end(from, AUTOBUS_CLOSED, "said nothing");
}

Test(link_life, asks_in_time_for_shorter_bounds)
{
    close(server);
    dialler_hang_up(from);
    from->limits.unresponsive = AB_MS(5000);
    from->limits.silence = AB_MS(9000);
    server = dialler_bind(from, DIALLER_BOUND);
    dialler_pass(from, AB_MS(2500));
    answer_ping(expect_ping());
    dialler_pass(from, AB_MS(5500));
    cr_assert_eq(from->unresponsive, 1);
    dialler_pass(from, AB_MS(4500));
    dialler_expect_end(from, AUTOBUS_CLOSED, "9000 ms");
}

/* Old news first: a ping lies behind all of it. */
Test(link_life, lets_a_slow_reader_live_who_reads)
{
    static char arguments[60000], bytes[32768];
    close(server);
    dialler_hang_up(from);
    int small = 16384;
    setsockopt(from->listening, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    server = dialler_bind(from, DIALLER_BOUND);
    memset(arguments, '1', sizeof arguments - 1);
    arguments[0] = '[';
    arguments[sizeof arguments - 2] = ']';
    while (dialler_call(from, NULL, "f", arguments) == AUTOBUS_OK)
        continue;
    for (int second = 0; second < 90; second++) {
        cr_assert_gt(recv(server, bytes, sizeof bytes, MSG_DONTWAIT), 0);
        dialler_pass(from, AB_MS(1000));
        cr_assert_eq(from->ended, 0, "in second %d: %s", second, from->sentence);
    }
    cr_assert_eq(from->unresponsive, 0);
    dialler_pass(from, AB_MS(70000));
    dialler_expect_end(from, AUTOBUS_CLOSED, "said nothing");
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The bind and its acknowledgement are behind us. */
static void wait_for_a_quiet_line(void)
{
    ab_stream_acks acks = {0};
    while (acks.is_owing || acks.ago < AB_MS(50)) {
        poll(NULL, 0, 1);
        dialler_lock(from);
        cr_assert(ab_stream_ask_kernel(from->link->trunk->stream, &acks));
        dialler_unlock(from);
    }
}

/* A host that goes without a word: here a network of our own whose only device goes down. Returns the way back. */
static int go_where_hosts_vanish(void)
{
    int way_back = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0)
        cr_skip_test("no network namespace");
    from = dialler_open_in_real_time();
    server = dialler_bind_by_tcp(from, DIALLER_BOUND);
    return way_back;
}

static void go_back(int way_back)
{
    close_dialler();
    setns(way_back, CLONE_NEWNET);
    close(way_back);
}

Test(link_vanish, ends_a_call_within_seconds, .timeout = 60)
{
    int way_back = go_where_hosts_vanish();
    cr_assert_eq(system("ip link set lo down"), 0);
    wait_for_a_quiet_line();
    dialled call = {0};
    double start = seconds();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    dialler_expect_call(from, &call, AUTOBUS_CLOSED, "vanished");
    cr_assert(seconds() - start > 4.5 && seconds() - start < 6.5, "after %f s", seconds() - start);
    go_back(way_back);
}

/* The program is too slow for what it hears: that is no reason to believe in the dead. */
Test(link_vanish, is_noticed_by_who_does_not_read_too, .timeout = 60)
{
    int way_back = go_where_hosts_vanish();
    dialled call = {0};
    dialler_pause(from, true);
    cr_assert_eq(system("ip link set lo down"), 0);
    wait_for_a_quiet_line();
    double start = seconds();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    dialler_expect_call(from, &call, AUTOBUS_CLOSED, "vanished");
    cr_assert(seconds() - start > 4.5 && seconds() - start < 8.5, "after %f s", seconds() - start);
    go_back(way_back);
}

Test(link_vanish, is_noticed_without_a_call_by_who_does_not_read, .timeout = 60)
{
    int way_back = go_where_hosts_vanish();
    dialler_pause(from, true);
    cr_assert_eq(system("ip link set lo down"), 0);
    double start = seconds();
    dialler_expect_end(from, AUTOBUS_CLOSED, "vanished");
    cr_assert(seconds() - start > 9 && seconds() - start < 16, "after %f s", seconds() - start);
    go_back(way_back);
}
