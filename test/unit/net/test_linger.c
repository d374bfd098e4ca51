/* SPDX-License-Identifier: MIT
 * Closing gently: whatever the other side does, what was said last arrives. */
#include <criterion/criterion.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/acceptor.h"
#include "net/linger.h"
#include "net/stream.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

#define PATIENT AB_MS(20000)

static const char sentence[] = "{\"_type\": 2, \"_error\": {\"text\": \"no such service\"}}\r\n";

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
    (void)argument;
    side_fini(&here);
}

static void end(void)
{
    running_do(loop, fini_on_bus, NULL);
    ab_loop_stop(loop);
    running_lock(loop);
    ab_linger_abandon(loop);
    cr_expect_eq(ab_linger_count(loop), 0);
    running_unlock(loop);
    ab_loop_free(loop);
    if (there >= 0)
        close(there);
}

TestSuite(linger, .init = begin, .fini = end);

static bool has_none_left(const void *at)
{
    (void)at;
    return ab_linger_count(loop) == 0;
}

#define EVENTUALLY(condition) \
    cr_assert(running_until(loop, condition, NULL), "%s: never", #condition)

/* Answers whatever comes with the sentence and gives up, having read nothing of it. */
static void refuse(side *at)
{
    ab_stream_write(at->stream, sentence, strlen(sentence));
    ab_stream_close_gently(at->stream, PATIENT);
    at->stream = NULL;
}

static void accept_to_refuse(void *owner, int fd, const ab_address *peer)
{
    (void)owner;
    (void)peer;
    side *at = &here;
    cr_assert_null(at->stream);
    at->leaves_input = true;
    at->when_received = refuse;
    at->stream = ab_stream_adopt(loop, fd, &side_ops, at);
}

static ab_acceptor *acceptor;

static void open_on_bus(void *argument)
{
    (void)argument;
    cr_assert_eq(ab_acceptor_open(loop, 0, accept_to_refuse, NULL, &acceptor), AUTOBUS_OK);
}

static void close_on_bus(void *argument)
{
    (void)argument;
    ab_acceptor_close(acceptor);
}

/* A client that says more than is read, and goes on talking while it is refused. */
static bool is_refused_with_the_sentence(uint16_t port, int round)
{
    static char noise[20000];
    int fd = plain_dial(port);
    bool is_talkative = round % 4 == 0;
    plain_write(fd, noise, (size_t)(round * 37 % 20000) + 1);
    if (is_talkative)
        send(fd, noise, sizeof noise, MSG_NOSIGNAL | MSG_DONTWAIT);
    char bytes[256] = "";
    long length = plain_read_all(fd, bytes, sizeof bytes - 1);
    close(fd);
    return length == (long)strlen(sentence) && strcmp(bytes, sentence) == 0;
}

Test(linger, the_last_sentence_is_never_lost_to_unread_input, .timeout = 60)
{
    running_do(loop, open_on_bus, NULL);
    int heard = 0;
    for (int round = 0; round < 1000; round++)
        heard += is_refused_with_the_sentence(ab_acceptor_port(acceptor), round);
    cr_expect_eq(heard, 1000);
    running_do(loop, close_on_bus, NULL);
    EVENTUALLY(has_none_left);
}

static void say_and_close(void *patience)
{
    ab_stream_write(here.stream, sentence, strlen(sentence));
    ab_stream_close_gently(here.stream, *(ab_time *)patience);
    here.stream = NULL;
}

Test(linger, it_is_over_when_the_other_side_has_closed_too)
{
    there = side_connect(&here);
    ab_time patience = PATIENT;
    running_do(loop, say_and_close, &patience);
    running_lock(loop);
    cr_expect_eq(ab_linger_count(loop), 1);
    running_unlock(loop);
    char bytes[256] = "";
    cr_expect_eq(plain_read_all(there, bytes, sizeof bytes - 1), (long)strlen(sentence));
    cr_expect_str_eq(bytes, sentence);
    close(there);
    there = -1;
    EVENTUALLY(has_none_left);
}

Test(linger, nothing_is_left_where_the_other_side_closed_first)
{
    there = side_connect(&here);
    shutdown(there, SHUT_WR);
    ab_time patience = PATIENT;
    running_do(loop, say_and_close, &patience);
    EVENTUALLY(has_none_left);
    char bytes[256] = "";
    cr_expect_eq(plain_read_all(there, bytes, sizeof bytes - 1), (long)strlen(sentence));
}

Test(linger, patience_ends_with_who_never_closes)
{
    there = side_connect(&here);
    ab_time patience = AB_MS(50);
    running_do(loop, say_and_close, &patience);
    EVENTUALLY(has_none_left);
    char bytes[256] = "";
    cr_expect_eq(plain_read_all(there, bytes, sizeof bytes - 1), (long)strlen(sentence));
}

static ab_task news;
static int told;

static void note_news(ab_task *task)
{
    (void)task;
    told++;
}

static void say_close_and_follow(void *patience)
{
    say_and_close(patience);
    ab_task_init(&news, note_news);
    ab_linger_follow(loop, *(ab_time *)patience, &news);
}

static bool has_been_told(const void *at)
{
    (void)at;
    return told > 0;
}

static bool has_none_followed(const void *at)
{
    (void)at;
    return ab_linger_followed(loop) == 0;
}

Test(linger, who_follows_it_hears_when_the_other_kernel_has_everything)
{
    there = side_connect(&here);
    ab_time patience = PATIENT;
    running_do(loop, say_close_and_follow, &patience);
    EVENTUALLY(has_none_followed);
    running_lock(loop);
    cr_expect_eq(ab_linger_count(loop), 1, "it goes on, for the other side has not closed");
    running_unlock(loop);
}

static void expect_followed(int count)
{
    running_lock(loop);
    cr_expect_eq(ab_linger_followed(loop), (size_t)count);
    running_unlock(loop);
}

static void abandon(void *argument) AB_UNCHECKED
{
    (void)argument;
    ab_linger_abandon(loop);
}

Test(linger, on_a_unix_socket_what_the_kernel_has_taken_has_left)
{
    there = side_connect_near(&here);
    ab_time patience = PATIENT;
    running_do(loop, say_close_and_follow, &patience);
    expect_followed(0);
    running_do(loop, abandon, NULL);
    cr_expect_eq(plain_read_all(there, NULL, 0), (long)strlen(sentence));
}

static void say_much_and_close(void *argument)
{
    (void)argument;
    static char bytes[4 * 1024 * 1024];
    ab_stream_write(here.stream, bytes, sizeof bytes);
    cr_expect_gt(ab_stream_pending(here.stream), 0);
    ab_stream_close_gently(here.stream, PATIENT);
    here.stream = NULL;
}

static void say_much_close_and_follow(void *patience) AB_UNCHECKED
{
    say_much_and_close(NULL);
    ab_task_init(&news, note_news);
    ab_linger_follow(loop, *(ab_time *)patience, &news);
}

Test(linger, on_a_unix_socket_it_is_followed_until_all_is_sent)
{
    there = side_connect_near(&here);
    ab_time patience = PATIENT;
    running_do(loop, say_much_close_and_follow, &patience);
    expect_followed(1);
    cr_expect_eq(running_number(loop, &told), 0);
    cr_expect_eq(plain_read_all(there, NULL, 0), 4 * 1024 * 1024);
    EVENTUALLY(has_none_followed);
    cr_expect(running_until(loop, has_been_told, NULL));
}

Test(linger, is_followed_no_longer_than_it_has_patience)
{
    there = side_connect_near(&here);
    ab_time patience = AB_MS(50);
    running_do(loop, say_much_close_and_follow, &patience);
    EVENTUALLY(has_none_left);
    expect_followed(0);
}

Test(linger, a_long_queue_is_sent_to_its_end)
{
    there = side_connect(&here);
    plain_write(there, "unread", 6);
    running_do(loop, say_much_and_close, NULL);
    cr_expect_eq(plain_read_all(there, NULL, 0), 4 * 1024 * 1024);
    close(there);
    there = -1;
    EVENTUALLY(has_none_left);
}

Test(linger, the_end_of_the_loop_ends_it)
{
    there = side_connect(&here);
    running_do(loop, say_much_and_close, NULL);
    running_lock(loop);
    cr_expect_eq(ab_linger_count(loop), 1);
    running_unlock(loop);
}

Test(linger, a_reset_ends_it)
{
    there = side_connect(&here);
    running_do(loop, say_much_and_close, NULL);
    close(there); /* with unread input: a reset */
    there = -1;
    EVENTUALLY(has_none_left);
}

static void dial_say_and_close(void *port)
{
    ab_address to = ab_address_v4(INADDR_LOOPBACK, *(uint16_t *)port);
    ab_stream *stream = ab_stream_dial(loop, &to, &side_ops, &here);
    ab_stream_write(stream, sentence, strlen(sentence));
    ab_stream_close_gently(stream, PATIENT);
}

Test(linger, what_is_said_while_dialling_arrives_too)
{
    uint16_t port;
    int listener = plain_listen(&port);
    running_do(loop, dial_say_and_close, &port);
    there = accept(listener, NULL, NULL);
    close(listener);
    char bytes[256] = "";
    cr_expect_eq(plain_read_all(there, bytes, sizeof bytes - 1), (long)strlen(sentence));
    cr_expect_str_eq(bytes, sentence);
    cr_expect_eq(running_number(loop, &here.connected), 0, "the owner hears nothing more");
}

Test(linger, a_dial_that_is_refused_leaves_nothing)
{
    uint16_t port;
    close(plain_listen(&port));
    running_do(loop, dial_say_and_close, &port);
    EVENTUALLY(has_none_left);
}
