/* SPDX-License-Identifier: MIT
 * Channels with the bus thread calling back while other threads send, pause, close and free; and a fork. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "support/eventually.h"
#include "unit/peer/pair.h"

static pair *at;
static atomic_bool is_over;

/* Stands for the connection: what is said arrives. */
static void *carry(void *nothing)
{
    while (!atomic_load(&is_over)) {
        pair_carry(at);
        sched_yield();
    }
    return nothing;
}

static pthread_t carrier;

static void set_up(void)
{
    at = pair_open(true);
    atomic_store(&is_over, false);
}

static void start_carrying(void)
{
    cr_assert_eq(pthread_create(&carrier, NULL, carry, NULL), 0);
}

static void stop_carrying(void)
{
    atomic_store(&is_over, true);
    pthread_join(carrier, NULL);
}

static void tear_down(void)
{
    pair_close(at);
}

TestSuite(channel_threads, .init = set_up, .fini = tear_down);

#define MESSAGES 2000
#define SENDERS  3

static void *send_many(void *from)
{
    for (unsigned sent = 0; sent < MESSAGES;) {
        autobus_result result = pair_send(from, "1");
        cr_assert(result == AUTOBUS_OK || result == AUTOBUS_BUSY, "%s", autobus_last_error());
        if (result == AUTOBUS_OK)
            sent++;
        else
            sched_yield();
    }
    return NULL;
}

/* Only data counts; nothing is written down. */
static atomic_uint data_heard;

static void count_data(void *userdata, const autobus_message *message)
{
    (void)userdata;
    if (autobus_message_kind(message) == AUTOBUS_DATA)
        atomic_fetch_add(&data_heard, 1);
}

Test(channel_threads, several_send_on_one_and_nothing_is_lost)
{
    ear anna = {0};
    pthread_t senders[SENDERS];
    at->answer = PAIR_WAITS;
    atomic_store(&data_heard, 0);
    cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
    pair_carry(at);
    autobus_channel *other = at->offered[--at->offers];
    cr_assert_eq(ab_channel_accept(other, count_data, NULL, NULL), AUTOBUS_OK);
    pair_lock(at);
    ab_channel_settle(other, "No.");
    pair_unlock(at);
    start_carrying();
    for (unsigned i = 0; i < SENDERS; i++)
        cr_assert_eq(pthread_create(&senders[i], NULL, send_many, &anna), 0);
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(senders[i], NULL);
    EVENTUALLY(atomic_load(&data_heard) == SENDERS * MESSAGES);
    stop_carrying();
    ab_channel_free(anna.channel);
    ab_channel_free(other);
    EVENTUALLY(atomic_load(&anna.frees) == 1);
}

/* Each does one of the ends at a moment that nobody chose. */
static void *end_somehow(void *ear_of)
{
    ear *with = ear_of;
    unsigned how = (unsigned)rand() % 4;
    for (unsigned i = (unsigned)rand() % 50; i > 0; i--)
        sched_yield();
    if (how == 0)
        (void)ab_channel_close(with->channel, "enough");
    else if (how == 1)
        (void)ab_channel_pause(with->channel, true);
    else if (how == 2)
        (void)pair_send(with, "1");
    ab_channel_free(with->channel);
    return NULL;
}

Test(channel_threads, both_ends_are_freed_while_they_talk)
{
    start_carrying();
    for (unsigned round = 0; round < 200; round++) {
        ear anna = {0}, bert = {0};
        pthread_t two[2];
        at->answer = PAIR_ACCEPTS;
        at->next_ear = &bert;
        cr_assert_eq(pair_try_open(at, &anna, "chat", false, "null"), AUTOBUS_OK);
        EVENTUALLY(at->offers == 1);
        pair_settle(at);
        for (unsigned i = 0; i < 5; i++) {
            (void)pair_send(&anna, "1");
            (void)pair_send(&bert, "2");
        }
        cr_assert_eq(pthread_create(&two[0], NULL, end_somehow, &anna), 0);
        cr_assert_eq(pthread_create(&two[1], NULL, end_somehow, &bert), 0);
        pthread_join(two[0], NULL);
        pthread_join(two[1], NULL);
        EVENTUALLY(atomic_load(&anna.frees) == 1 && atomic_load(&bert.frees) == 1);
    }
    stop_carrying();
}

Test(channel_threads, the_connection_dies_while_they_are_freed)
{
    for (unsigned round = 0; round < 100; round++) {
        pair *outer = at;
        ear anna = {0}, bert = {0};
        pthread_t two[2];
        at = pair_open(true);
        pair_connect(at, &anna, &bert, round % 2 != 0);
        (void)ab_channel_write(anna.channel, "abc", 3, NULL);
        pair_carry(at);
        cr_assert_eq(pthread_create(&two[0], NULL, end_somehow, &anna), 0);
        cr_assert_eq(pthread_create(&two[1], NULL, end_somehow, &bert), 0);
        pair_break(at, AUTOBUS_CLOSED, "The cable was cut.");
        pthread_join(two[0], NULL);
        pthread_join(two[1], NULL);
        pair_close(at);
        cr_assert_eq(atomic_load(&anna.frees), 1);
        cr_assert_eq(atomic_load(&bert.frees), 1);
        at = outer;
    }
}

/* The exit code tells what went wrong; 0: nothing. */
static int use_in_child(ear *anna)
{
    if (pair_send(anna, "1") != AUTOBUS_FORKED)
        return 1;
    if (ab_channel_write(anna->channel, "1", 1, NULL) != AUTOBUS_FORKED)
        return 2;
    if (ab_channel_pause(anna->channel, true) != AUTOBUS_FORKED ||
        ab_channel_close(anna->channel, NULL) != AUTOBUS_FORKED)
        return 3;
    if (strcmp(ab_channel_name(anna->channel), "chat") != 0)
        return 4;
    ab_channel_free(anna->channel);
    return 0;
}

Test(channel_threads, a_child_of_the_process_cannot_use_them)
{
    ear anna = {0}, bert = {0};
    int status = 0;
    pair_connect(at, &anna, &bert, false);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(use_in_child(&anna));
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    cr_expect_eq(pair_send(&anna, "1"), AUTOBUS_OK, "the parent's goes on");
    pair_leave(at, &anna, &bert);
}
