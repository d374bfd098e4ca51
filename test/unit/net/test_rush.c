/* SPDX-License-Identifier: MIT
 * What another thread says in a rush, and nobody waits for, leaves in few pieces, in order, and never much later. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/stream.h"
#include "support/eventually.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

static ab_clock_fake clock_of_test;
static ab_loop *loop;
static side here;
static int there;

static void begin(void)
{
    ab_clock_fake_init(&clock_of_test, AB_MS(1000));
    loop = ab_loop_new(&clock_of_test.clock, NULL, NULL);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
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

TestSuite(rush, .init = begin, .fini = end);

static void say_soon(const char *text)
{
    running_lock(loop);
    ab_stream_write_soon(here.stream, text, strlen(text), NULL);
    running_unlock(loop);
}

static void say_now(const char *text)
{
    running_lock(loop);
    ab_stream_write(here.stream, text, strlen(text));
    running_unlock(loop);
}

static void pass(ab_time time)
{
    ab_clock_fake_advance(&clock_of_test, time);
}

Test(rush, begins_with_the_second_and_ends_by_itself)
{
    say_soon("first");
    plain_expect(there, "first");
    say_soon("second,");
    say_soon("third");
    cr_expect_not(plain_has_come(there));
    pass(200);
    plain_expect(there, "second,third");
}

Test(rush, of_what_is_said_to_many_has_one_time_for_all)
{
    ab_time now = 0;
    running_lock(loop);
    ab_stream_write_soon(here.stream, "first", 5, &now);
    cr_expect_eq(now, ab_clock_now(&clock_of_test.clock));
    pass(AB_MS(5));
    ab_stream_write_soon(here.stream, "second", 6, &now);
    plain_expect(there, "first");
    cr_expect_not(plain_has_come(there), "it was said at the same time");
    running_unlock(loop);
    plain_expect(there, "second");
}

Test(rush, is_none_when_time_has_passed_between)
{
    say_soon("first");
    plain_expect(there, "first");
    pass(100);
    say_soon("second");
    cr_expect(plain_has_come(there));
    plain_expect(there, "second");
}

Test(rush, does_not_keep_the_first_of_many_longer_than_it_may)
{
    say_soon("0");
    plain_expect(there, "0");
    pass(60);
    say_soon("1");
    pass(60);
    say_soon("2");
    cr_expect_not(plain_has_come(there));
    pass(60);
    say_soon("3");
    cr_expect(plain_has_come(there));
    plain_expect(there, "123");
}

Test(rush, has_bounds)
{
    char *much = ab_alloc(1, 16384);
    memset(much, 'x', 16384);
    say_soon("first");
    plain_expect(there, "first");
    say_soon("y");
    running_lock(loop);
    ab_stream_write_soon(here.stream, much, 16384, NULL);
    cr_expect(plain_has_come(there));
    running_unlock(loop);
    plain_expect(there, "yxx");
    cr_assert_eq(recv(there, much, 16382, MSG_WAITALL), 16382);
    free(much);
}

static bool has_heard(void)
{
    return running_number(loop, &here.received) > 0;
}

Test(rush, is_not_for_what_may_be_an_answer)
{
    say_soon("first");
    plain_expect(there, "first");
    cr_assert_eq(send(there, "?", 1, 0), 1);
    EVENTUALLY(has_heard());
    say_soon("answer");
    cr_expect(plain_has_come(there));
    plain_expect(there, "answer");
}

Test(rush, ends_with_what_somebody_waits_for)
{
    say_soon("first");
    plain_expect(there, "first");
    say_soon("second,");
    say_now("third");
    cr_expect(plain_has_come(there));
    plain_expect(there, "second,third");
}

static void close_it(void *argument) AB_UNCHECKED
{
    (void)argument;
    ab_stream_close(here.stream);
    here.stream = NULL;
}

Test(rush, is_over_when_the_stream_is_closed)
{
    char byte;
    say_soon("first");
    say_soon(",last");
    running_do(loop, close_it, NULL);
    plain_expect(there, "first,last");
    cr_expect_eq(recv(there, &byte, 1, 0), 0);
}

static void say_in_slow_code(void *argument) AB_UNCHECKED
{
    (void)argument;
    (void)ab_loop_hurry(loop, true);
    ab_stream_write_soon(here.stream, "one", 3, NULL);
    plain_expect(there, "one");
    ab_stream_write_soon(here.stream, "two", 3, NULL);
    cr_expect(plain_has_come(there));
    plain_expect(there, "two");
    (void)ab_loop_hurry(loop, false);
}

Test(rush, is_not_for_code_on_the_bus_thread_that_may_take_long)
{
    running_do(loop, say_in_slow_code, NULL);
}
