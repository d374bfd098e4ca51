/* SPDX-License-Identifier: MIT
 * A stream that another thread reads for a while: this one. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/linger.h"
#include "net/stream.h"
#include "unit/net/running.h"
#include "unit/net/side.h"

#define LARGE (8 * 1024 * 1024)

static ab_loop *loop;
static side here;
static int there;

static bool is_lent(const void *stream)
{
    return ab_stream_lend((ab_stream *)(uintptr_t)stream);
}

/* Borrows it: the bus thread makes it ready for that first. */
static void borrow(void)
{
    cr_assert(running_until(loop, is_lent, here.stream));
}

static void begin(void)
{
    loop = running_new();
    side_init(&here, loop);
    there = side_connect(&here);
}

static void fini_on_bus(void *argument) AB_LOCKED
{
    side_fini(argument);
    ab_linger_abandon(loop);
}

static void end(void)
{
    running_end(loop, fini_on_bus, &here);
    if (there >= 0)
        close(there);
}

TestSuite(lending, .init = begin, .fini = end);

static bool has_received(const void *at)
{
    return ((const side *)at)->received > 0;
}
static bool has_ended(const void *at)
{
    return ((const side *)at)->ended > 0;
}

#define EVENTUALLY(condition) \
    cr_assert(running_until(loop, condition, &here), "%s: never", #condition)

static bool is_readable(int milliseconds)
{
    struct pollfd wanted = {.fd = ab_stream_fd(here.stream), .events = POLLIN};
    return poll(&wanted, 1, milliseconds) == 1;
}

static bool read_turn(void)
{
    running_lock(loop);
    ab_stream_wait(here.stream, AB_MS(5000), true);
    bool may_go_on = ab_stream_read(here.stream);
    running_unlock(loop);
    return may_go_on;
}

static void give_back(ab_stream *stream)
{
    running_lock(loop);
    ab_stream_give_back(stream);
    running_unlock(loop);
}

static void expect_heard(const char *text)
{
    running_lock(loop);
    cr_expect_eq(ab_buffer_length(&here.heard), strlen(text));
    cr_expect_arr_eq(ab_buffer_bytes(&here.heard), text, strlen(text));
    running_unlock(loop);
}

static uint64_t wakes(void)
{
    running_lock(loop);
    uint64_t count = ab_loop_wakes(loop);
    running_unlock(loop);
    return count;
}

Test(lending, its_borrower_reads_and_the_bus_thread_sleeps)
{
    borrow();
    uint64_t before = wakes();
    for (int i = 0; i < 100; i++) {
        plain_write(there, "x", 1);
        cr_assert(is_readable(5000));
        cr_assert(read_turn());
    }
    cr_expect_leq(wakes() - before, 1, "the end of what made it ready");
    cr_expect_eq(running_number(loop, &here.received), 100);
    give_back(here.stream);
}

/* One system call more where the deadline is near, and none more where it is not. */
/* Once the borrower waits, for which it drops the lock. */
static void *write_later(void *fd)
{
    running_lock(loop);
    running_unlock(loop);
    plain_write(*(int *)fd, "!", 1);
    return NULL;
}

static long sleeps_of_this_thread(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

/* In place of what begin() began. */
static void begin_spinning(const ab_clock *clock, ab_time spin)
{
    end();
    loop = ab_loop_new(clock, NULL, NULL);
    ab_loop_look_out(loop, 0, spin);
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
    side_init(&here, loop);
    there = side_connect(&here);
    borrow();
}

/* Its clock stands still, so that it never gives up. */
Test(lending, a_borrower_that_spins_does_not_sleep)
{
    static ab_clock_fake clock;
    ab_clock_fake_init(&clock, AB_MS(1000));
    pthread_t writer;
    begin_spinning(&clock.clock, 1);
    long slept = 0;
    for (int i = 0; i < 20; i++) {
        running_lock(loop);
        cr_assert_eq(pthread_create(&writer, NULL, write_later, &there), 0);
        long before = sleeps_of_this_thread();
        ab_stream_wait(here.stream, AB_MS(5000), i % 2 == 0);
        slept += sleeps_of_this_thread() - before;
        cr_expect(ab_stream_read(here.stream));
        running_unlock(loop);
        pthread_join(writer, NULL);
    }
    cr_expect_leq(slept, 5, "of 20 waits %ld slept", slept);
    expect_heard("!!!!!!!!!!!!!!!!!!!!");
    give_back(here.stream);
}

/* The look costs nothing but time: what it does not find is waited for. */
Test(lending, a_borrower_that_spins_in_vain_sleeps_until_something_comes)
{
    pthread_t writer;
    begin_spinning(&ab_clock_real, 1);
    running_lock(loop);
    cr_assert_eq(pthread_create(&writer, NULL, write_later, &there), 0);
    unsigned waits = 0;
    for (; here.received == 0; waits++) {
        ab_stream_wait(here.stream, AB_MS(5000), true);
        cr_expect(ab_stream_read(here.stream));
    }
    running_unlock(loop);
    cr_expect_eq(waits, 1);
    pthread_join(writer, NULL);
    expect_heard("!");
    give_back(here.stream);
}

Test(lending, its_borrower_waits_with_the_lock_dropped)
{
    for (int is_exact = 0; is_exact <= 1; is_exact++) {
        borrow();
        double begun = running_seconds();
        running_lock(loop);
        ab_stream_wait(here.stream, AB_MS(2), is_exact);
        cr_expect(ab_stream_read(here.stream), "nothing came, and it may go on");
        running_unlock(loop);
        double took = running_seconds() - begun;
        cr_expect(took >= 0.0019 && took < 2, "%f s", took);
        give_back(here.stream);
    }
}

static void *say_much(void *bytes)
{
    plain_write(there, bytes, LARGE);
    return NULL;
}

Test(lending, its_borrower_reads_much_in_long_turns)
{
    char *much = calloc(1, LARGE);
    pthread_t says;
    borrow();
    pthread_create(&says, NULL, say_much, much);
    running_lock(loop);
    while (ab_buffer_length(&here.heard) < LARGE) {
        ab_stream_wait(here.stream, AB_MS(2), false);
        cr_assert(ab_stream_read(here.stream));
    }
    cr_expect_leq(here.received, LARGE / 4096 / 2, "a turn takes all that is there");
    running_unlock(loop);
    pthread_join(says, NULL);
    give_back(here.stream);
    free(much);
}

typedef struct pausing {
    ab_task task;
    bool is_paused;
} pausing;

static void pause_and_say(ab_task *task) AB_LOCKED
{
    AB_CONTAINER(task, pausing, task)->is_paused = true;
    ab_stream_pause(here.stream, true);
    plain_write(there, "kept", 4);
}

Test(lending, what_comes_in_a_pause_to_who_waits_already_is_kept)
{
    pausing now = {.is_paused = false};
    ab_task_init(&now.task, pause_and_say);
    borrow();
    running_lock(loop);
    ab_loop_post(loop, &now.task);
    while (!now.is_paused || ab_stream_read(here.stream))
        ab_stream_wait(here.stream, AB_MS(2), true);
    cr_expect_eq(here.received, 0);
    ab_stream_give_back(here.stream);
    ab_stream_pause(here.stream, false);
    running_unlock(loop);
    EVENTUALLY(has_received);
    expect_heard("kept");
}

Test(lending, two_cannot_borrow_it)
{
    borrow();
    running_lock(loop);
    cr_expect_not(ab_stream_lend(here.stream));
    running_unlock(loop);
    give_back(here.stream);
    borrow();
    give_back(here.stream);
}

Test(lending, what_came_meanwhile_is_heard_once_it_is_given_back)
{
    borrow();
    plain_write(there, "late", 4);
    cr_assert(is_readable(5000));
    cr_expect_eq(running_number(loop, &here.received), 0);
    give_back(here.stream);
    EVENTUALLY(has_received);
    expect_heard("late");
}

Test(lending, an_end_is_told_by_the_bus_thread)
{
    borrow();
    plain_write(there, "last", 4);
    close(there);
    there = -1;
    cr_assert(is_readable(5000));
    while (read_turn())
        continue;
    expect_heard("last");
    cr_expect_eq(running_number(loop, &here.ended), 0);
    give_back(here.stream);
    EVENTUALLY(has_ended);
    cr_expect_eq(running_number(loop, &here.error), 0);
}

Test(lending, a_reset_is_told_by_the_bus_thread)
{
    struct linger at_once = {.l_onoff = 1};
    borrow();
    setsockopt(there, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(there);
    there = -1;
    cr_assert(is_readable(5000));
    cr_expect_not(read_turn());
    give_back(here.stream);
    EVENTUALLY(has_ended);
    cr_expect_eq(running_number(loop, &here.error), ECONNRESET);
}

static void defer_here(side *at)
{
    if (ab_loop_is_here(loop))
        at->leaves_input = false;
    else
        ab_stream_defer(at->stream);
}

/* The second time, on the bus thread, `received` is called with the same input; the third brings the rest. */
Test(lending, what_is_deferred_is_heard_again_by_the_bus_thread)
{
    borrow();
    here.leaves_input = true;
    here.when_received = defer_here;
    plain_write(there, "odd", 3);
    cr_assert(is_readable(5000));
    cr_expect_not(read_turn());
    running_lock(loop);
    cr_expect_eq(here.received, 1);
    ab_stream_give_back(here.stream);
    cr_expect_not(ab_stream_lend(here.stream), "the bus thread has to do with it first");
    running_unlock(loop);
    borrow();
    cr_expect_eq(running_number(loop, &here.received), 2);
    give_back(here.stream);
    plain_write(there, "!", 1);
    cr_assert(running_until(loop, has_received, &here));
}

static sem_t callback_may_end;

/* Code of the program, which takes as long as it pleases. */
static void run_callback(ab_task *task) AB_UNCHECKED
{
    (void)task;
    running_unlock(loop);
    while (sem_wait(&callback_may_end) != 0)
        continue;
    running_lock(loop);
}

static ab_task callback;

static void defer_behind_callback(side *at) AB_UNCHECKED
{
    at->leaves_input = false;
    at->when_received = NULL;
    ab_loop_post(loop, &callback);
    ab_stream_defer(at->stream);
}

Test(lending, a_borrower_without_time_looks_once)
{
    borrow();
    running_lock(loop);
    errno = ECONNRESET; /* of something else */
    ab_stream_wait(here.stream, 0, true);
    errno = ECONNRESET;
    ab_stream_wait(here.stream, 0, false);
    cr_expect(ab_stream_read(here.stream), "nothing has happened");
    running_unlock(loop);
    give_back(here.stream);
    cr_expect_eq(running_number(loop, &here.ended), 0);
}

Test(lending, what_waits_behind_a_callback_is_the_borrowers)
{
    sem_init(&callback_may_end, 0, 0);
    ab_task_init(&callback, run_callback);
    borrow();
    give_back(here.stream);
    running_lock(loop);
    here.leaves_input = true;
    here.when_received = defer_behind_callback;
    running_unlock(loop);
    plain_write(there, "much", 4);
    cr_assert(running_until(loop, has_received, &here));
    running_lock(loop);
    cr_assert(ab_stream_lend(here.stream), "nobody else can read it now");
    ab_stream_wait(here.stream, AB_MS(5000), true);
    cr_expect(ab_stream_read(here.stream));
    cr_expect_eq(here.received, 2);
    ab_stream_give_back(here.stream);
    running_unlock(loop);
    expect_heard("much");
    sem_post(&callback_may_end);
    plain_write(there, "more", 4);
    while (running_number(loop, &here.received) < 3)
        sched_yield();
    expect_heard("muchmore");
    sem_destroy(&callback_may_end);
}

static void pause_it(side *at)
{
    ab_stream_pause(at->stream, true);
}

Test(lending, a_pause_ends_it)
{
    borrow();
    here.when_received = pause_it;
    plain_write(there, "one", 3);
    cr_assert(is_readable(5000));
    cr_expect_not(read_turn());
    give_back(here.stream);
    plain_write(there, "two", 3);
    running_lock(loop);
    cr_expect_not(ab_stream_lend(here.stream));
    here.when_received = NULL;
    here.received = 0;
    ab_stream_pause(here.stream, false);
    running_unlock(loop);
    EVENTUALLY(has_received);
    expect_heard("onetwo");
}

static void close_it(void *argument)
{
    (void)argument;
    ab_stream_close(here.stream);
}

static void close_it_gently(void *argument)
{
    (void)argument;
    ab_stream_close_gently(here.stream, AB_MS(5000));
}

Test(lending, a_close_wakes_the_borrower_and_leaves_its_fd_until_it_is_given_back)
{
    borrow();
    ab_stream *stream = here.stream;
    int fd = ab_stream_fd(stream);
    running_do(loop, close_it, NULL);
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    cr_expect_eq(poll(&wanted, 1, 5000), 1);
    cr_expect_geq(fcntl(fd, F_GETFD), 0);
    cr_expect_not(read_turn());
    give_back(stream);
    here.stream = NULL;
    cr_expect_eq(fcntl(fd, F_GETFD), -1);
}

static void *read_slowly(void *bytes)
{
    (void)bytes;
    return (void *)(intptr_t)plain_read_all(there, NULL, 0);
}

Test(lending, a_gentle_close_sends_what_is_queued_all_the_same)
{
    char *much = calloc(1, LARGE);
    pthread_t reads;
    void *count;
    borrow();
    ab_stream *stream = here.stream;
    int fd = ab_stream_fd(stream);
    running_lock(loop);
    ab_stream_write(stream, much, LARGE);
    running_unlock(loop);
    running_do(loop, close_it_gently, NULL);
    cr_expect_geq(fcntl(fd, F_GETFD), 0);
    pthread_create(&reads, NULL, read_slowly, NULL);
    pthread_join(reads, &count);
    cr_expect_eq((long)(intptr_t)count, LARGE);
    cr_expect_not(read_turn());
    give_back(stream);
    here.stream = NULL;
    free(much);
}

Test(lending, what_the_kernel_does_not_take_is_sent_by_the_bus_thread)
{
    char *much = calloc(1, LARGE), *got = malloc(LARGE);
    borrow();
    running_lock(loop);
    ab_stream_write(here.stream, much, LARGE);
    cr_expect_gt(ab_stream_pending(here.stream), 0);
    running_unlock(loop);
    cr_expect_eq(recv(there, got, LARGE, MSG_WAITALL), LARGE);
    give_back(here.stream);
    free(much);
    free(got);
}
