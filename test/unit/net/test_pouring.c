/* SPDX-License-Identifier: MIT
 * Messages that are poured: sent from where they lie as far as the kernel takes them, of one that it takes a part of
 * the rest is queued, and no more. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/stream.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

#define BODY  65536
#define COUNT 64

static ab_loop *loop;
static side here;
static int there;
static char head[] = "head", bytes[BODY + COUNT];
static struct iovec halves[2 * COUNT];

static void begin(void)
{
    loop = running_new();
    side_init(&here, loop);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * i >> 4);
    for (unsigned i = 0; i < COUNT; i++) {
        halves[2 * i] = (struct iovec){head, 4};
        halves[2 * i + 1] = (struct iovec){bytes + i, BODY};
    }
}

static void fini_on_bus(void *argument)
{
    side_fini(argument);
}

static void end(void)
{
    running_end(loop, fini_on_bus, &here);
    close(there);
}

TestSuite(pouring, .init = begin, .fini = end);

static unsigned pour(unsigned messages) AB_UNCHECKED
{
    running_lock(loop);
    unsigned taken = ab_stream_pour(here.stream, halves, messages);
    running_unlock(loop);
    return taken;
}

static size_t pending(void) AB_UNCHECKED
{
    running_lock(loop);
    size_t length = ab_stream_pending(here.stream);
    running_unlock(loop);
    return length;
}

static void expect_message(unsigned i)
{
    static char come[4 + BODY];
    for (size_t at = 0; at < sizeof come;) {
        ssize_t length = recv(there, come + at, sizeof come - at, 0);
        cr_assert_gt(length, 0);
        at += (size_t)length;
    }
    cr_assert_eq(memcmp(come, "head", 4), 0, "message %u", i);
    cr_assert_eq(memcmp(come + 4, bytes + i, BODY), 0, "message %u", i);
}

/* Until the kernel takes no more: whole messages, and one of which it took a part. */
static void fill_and_empty(void)
{
    unsigned taken = 0, more;
    do
        taken += more = pour(COUNT);
    while (more == COUNT);
    cr_expect_gt(taken, 0);
    cr_expect_lt(pending(), 4 + BODY, "one is queued, and the others are not taken");
    cr_expect(pending() == 0 || pour(1) == 0, "something waits");
    for (unsigned i = 0; i < taken; i++)
        expect_message(i % COUNT);
    cr_expect_not(plain_has_come(there));
}

Test(pouring, queues_only_the_rest_of_what_the_kernel_has_begun)
{
    there = side_connect(&here);
    fill_and_empty();
}

Test(pouring, does_so_over_a_unix_socket_too)
{
    there = side_connect_near(&here);
    fill_and_empty();
}

Test(pouring, of_a_little_takes_everything_at_once)
{
    there = side_connect(&here);
    halves[1].iov_len = 3;
    halves[3].iov_len = 0;
    memcpy(bytes, "abc", 3);
    cr_expect_eq(pour(2), 2);
    cr_expect_eq(pending(), 0);
    plain_expect(there, "headabchead");
}

static void say_and_pour(void *argument) AB_UNCHECKED
{
    (void)argument;
    ab_stream_write(here.stream, "before,", 7);
    cr_expect_not(plain_has_come(there));
    halves[1].iov_len = 0;
    cr_expect_eq(ab_stream_pour(here.stream, halves, 1), 1);
    ab_stream_write(here.stream, ",behind", 7);
}

Test(pouring, keeps_the_order_of_what_was_gathered_before)
{
    there = side_connect(&here);
    running_do(loop, say_and_pour, NULL);
    plain_expect(there, "before,head,behind");
}

static bool has_ended(const void *at)
{
    return ((const side *)at)->ended > 0;
}

Test(pouring, into_what_is_broken_takes_nothing)
{
    there = side_connect(&here);
    struct linger at_once = {.l_onoff = 1};
    setsockopt(there, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(there);
    there = -1;
    cr_assert(running_until(loop, has_ended, &here));
    cr_expect_eq(pour(1), 0);
    cr_expect_eq(pending(), 0);
}
