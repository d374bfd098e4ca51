/* SPDX-License-Identifier: MIT
 * What the bus thread writes in one turn leaves in one piece at its end, in order, whatever happens to the stream. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/stream.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

static ab_loop *loop;
static side here;
static int there;

static void begin(void)
{
    loop = running_new();
    side_init(&here, loop);
    there = side_connect(&here);
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

TestSuite(gathering, .init = begin, .fini = end);

static void say(const char *text) AB_UNCHECKED
{
    ab_stream_write(here.stream, text, strlen(text));
}

static void say_two(void *argument)
{
    (void)argument;
    say("one,");
    cr_expect_not(plain_has_come(there));
    cr_expect_eq(ab_stream_pending(here.stream), 0, "the kernel has not refused it");
    say("two");
}

Test(gathering, ends_with_the_turn)
{
    running_do(loop, say_two, NULL);
    plain_expect(there, "one,two");
    cr_expect_eq(running_number(loop, &here.drained), 0);
}

static void say_and_hurry(void *argument) AB_UNCHECKED
{
    (void)argument;
    say("now");
    cr_expect_not(ab_loop_hurry(loop, true));
    cr_expect(plain_has_come(there));
    plain_expect(there, "now");
    say(",at once");
    cr_expect(plain_has_come(there));
    plain_expect(there, ",at once");
    cr_expect(ab_loop_hurry(loop, false));
    say(",later");
    cr_expect_not(plain_has_come(there));
}

Test(gathering, is_not_for_what_may_take_long)
{
    running_do(loop, say_and_hurry, NULL);
    plain_expect(there, ",later");
}

static void say_much(void *argument) AB_UNCHECKED
{
    char *much = ab_alloc(1, 40000);
    (void)argument;
    say("first,");
    memset(much, 'x', 40000);
    ab_stream_write(here.stream, much, 40000);
    cr_expect(plain_has_come(there), "much is worth a call of its own");
    free(much);
    say("last");
}

Test(gathering, has_bounds_and_keeps_the_order)
{
    running_do(loop, say_much, NULL);
    plain_expect(there, "first,");
    for (int i = 0; i < 400; i++) {
        char bytes[100];
        cr_assert_eq(recv(there, bytes, sizeof bytes, MSG_WAITALL), 100);
        cr_assert(bytes[0] == 'x' && bytes[99] == 'x');
    }
    plain_expect(there, "last");
}

static void say_bytes(void *argument) AB_UNCHECKED
{
    for (int i = 0; i < *(const int *)argument / 8; i++)
        say("eight...");
}

static void take_bytes(int length)
{
    for (int taken = 0; taken < length; taken += 8)
        plain_expect(there, "eight...");
}

Test(gathering, goes_on_after_sixteen_kibibytes)
{
    int length = 40000;
    running_do(loop, say_bytes, &length);
    take_bytes(length);
}

static uint64_t count_wakes(void) AB_UNCHECKED
{
    running_lock(loop);
    uint64_t wakes = ab_loop_wakes(loop);
    running_unlock(loop);
    return wakes;
}

/* How often the thread was woken, of sixteen times. */
static int wake_after(int length)
{
    int woken = 0;
    for (int i = 0; i < 16; i++) {
        uint64_t before = count_wakes();
        running_do(loop, say_bytes, &length);
        take_bytes(length);
        woken += count_wakes() > before;
    }
    return woken;
}

/* Ten seconds are more than any pause between two of the test's. */
Test(gathering, looks_out_after_a_batch)
{
    running_end(loop, fini_on_bus, &here);
    close(there);
    loop = ab_loop_new(NULL, NULL, NULL);
    ab_loop_look_out(loop, AB_MS(10000), 0);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
    side_init(&here, loop);
    there = side_connect(&here);
    cr_expect_leq(wake_after(2048), 1, "but for the first time, it looked, and was not woken");
    cr_expect_geq(wake_after(2040), 1, "little is no batch");
}

Test(gathering, is_for_the_bus_thread_alone)
{
    running_lock(loop);
    say("at once");
    cr_expect(plain_has_come(there));
    running_unlock(loop);
    plain_expect(there, "at once");
}

static void say_and_close(void *argument) AB_UNCHECKED
{
    (void)argument;
    say("good");
    say("bye");
    ab_stream_close(here.stream);
    here.stream = NULL;
}

Test(gathering, is_over_when_the_stream_is_closed)
{
    char byte;
    running_do(loop, say_and_close, NULL);
    plain_expect(there, "goodbye");
    cr_expect_eq(recv(there, &byte, 1, 0), 0);
}

static void say_and_close_gently(void *argument) AB_UNCHECKED
{
    (void)argument;
    say("good");
    say("bye");
    ab_stream_close_gently(here.stream, AB_MS(1000));
    here.stream = NULL;
}

Test(gathering, is_over_when_the_stream_is_closed_gently)
{
    char byte;
    running_do(loop, say_and_close_gently, NULL);
    plain_expect(there, "goodbye");
    cr_expect_eq(recv(there, &byte, 1, 0), 0);
}
