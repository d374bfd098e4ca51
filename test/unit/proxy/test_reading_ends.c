/* SPDX-License-Identifier: MIT
 * What becomes of threads that read their connection by themselves when it ends, is freed, or says something
 * senseless; when they run out of time, are cancelled, or the process forks; and of bytes that come or go in parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "room.h"
#include "support/eventually.h"
#include "support/hand.h"
#include "support/small_town.h"

#define BOUND "{\"_type\":2,\"_id\":\"0\",\"service\":\"x\",\"bus\":\"00000000000000b5\"}\r\n"

/* Ends one of four ways; callers may hold the remote no longer than it lives, so it is freed when they are gone. */
static void end_it(room *here, int way)
{
    switch (way % 4) {
    case 0: (void)autobus_service_withdraw(here->lamp.service); break;
    case 1: autobus_remote_close(here->remote); break;
    case 2: autobus_bus_free(&here->bus); break;
    default: lamp_switch_off(&here->lamp);
    }
}

Test(reading_ends, an_end_under_eight_callers_lets_all_of_them_go, .timeout = 120)
{
    for (int round = 0; round < 4 + (int)(50 * home_scale()); round++) {
        room here;
        room_caller callers[ROOM_THREADS];
        room_enter(&here);
        room_start_callers(callers, &here, 50);
        room_wait_until(&here.called, rand() % (ROOM_THREADS * 40), &here);
        end_it(&here, round);
        room_join_callers(callers);
        room_leave(&here);
    }
}

/* Something that is a plain socket, and a connection to it that can be lent: it is, from the second call on. */
typedef struct door {
    autobus_bus *bus;
    autobus_remote *remote;
    int listening;
    hand *server;
} door;

typedef struct waiting {
    autobus_remote *remote;
    int timeout;
    autobus_result result;
    char *answer, *error;
    double took;
    pthread_t thread;
} waiting;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *wait_for_answer(void *argument)
{
    waiting *self = argument;
    double begun = seconds();
    self->result = autobus_call_text(self->remote, "f", NULL, self->timeout, &self->answer);
    self->took = seconds() - begun;
    self->error = strdup(autobus_last_error());
    return NULL;
}

/* Another thread asks; its question has come. */
static waiting *ask(door *at, int timeout)
{
    waiting *one = calloc(1, sizeof *one);
    *one = (waiting){.remote = at->remote, .timeout = timeout};
    pthread_create(&one->thread, NULL, wait_for_answer, one);
    cr_assert_not_null(hand_line(at->server));
    return one;
}

static void expect(waiting *one, autobus_result wanted, const char *part)
{
    pthread_join(one->thread, NULL);
    const char *text = wanted == AUTOBUS_OK ? one->answer : one->error;
    cr_assert_eq(one->result, wanted, "%s", one->error);
    cr_expect_not_null(strstr(text, part), "%s", text);
    free(one->answer);
    free(one->error);
    free(one);
}

static void answer(door *at, int id, int result)
{
    char line[100];
    snprintf(line, sizeof line, "{\"_type\":2,\"_id\":\"%d\",\"result\":%d}\r\n", id, result);
    hand_send(at->server, line);
}

static void open_door(door *at)
{
    uint16_t port;
    at->listening = hand_listen(&port);
    at->bus = town_hermit();
    cr_assert_eq(autobus_connect_to(at->bus, "127.0.0.1", port, "x", 0, &at->remote), AUTOBUS_OK);
    at->server = hand_accept(at->listening);
    cr_assert_not_null(hand_line(at->server));
    hand_send(at->server, BOUND);
    cr_assert_eq(autobus_remote_wait(at->remote, 5000), AUTOBUS_OK);
    waiting *first = ask(at, 5000);
    answer(at, 1, 1);
    expect(first, AUTOBUS_OK, "1");
}

static void close_door(door *at)
{
    autobus_remote_free(&at->remote);
    autobus_bus_free(&at->bus);
    hand_free(at->server);
    close(at->listening);
}

/* It says this instead of an answer, and no more. */
static void expect_after(const char *said, autobus_result wanted, const char *part)
{
    door at;
    open_door(&at);
    waiting *one = ask(&at, 5000);
    hand_send(at.server, said);
    hand_finish(at.server);
    expect(one, wanted, part);
    close_door(&at);
}

Test(reading_ends, garbage_found_by_a_caller_ends_the_connection)
{
    expect_after("no object\r\n", AUTOBUS_CLOSED, "no JSON object");
    expect_after("{\"_type\":2,\"_id\":\"77\"}\r\n{\"a\":}\r\n", AUTOBUS_CLOSED, "no JSON object");
}

Test(reading_ends, an_end_found_by_a_caller_ends_the_connection)
{
    expect_after("", AUTOBUS_CLOSED, "closed the connection");
}

Test(reading_ends, a_reason_said_before_the_end_is_told)
{
    expect_after("{\"_type\":3,\"_command\":\"unbound\",\"text\":\"Good night.\"}\r\n",
                 AUTOBUS_CLOSED, "Good night.");
}

Test(reading_ends, a_reset_found_by_a_caller_ends_the_connection)
{
    door at;
    const struct linger at_once = {.l_onoff = 1};
    open_door(&at);
    waiting *one = ask(&at, 5000);
    cr_assert_eq(setsockopt(at.server->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(at.server->fd);
    at.server->fd = -1;
    expect(one, AUTOBUS_CLOSED, "broke");
    close_door(&at);
}

/* Time. */

Test(reading_ends, everybody_has_a_deadline_of_their_own)
{
    door at;
    waiting *late[ROOM_THREADS];
    open_door(&at);
    waiting *patient = ask(&at, 10000);
    for (int i = 0; i < ROOM_THREADS; i++)
        late[i] = ask(&at, 40 * (ROOM_THREADS - i));
    for (int i = 0; i < ROOM_THREADS; i++) {
        pthread_join(late[i]->thread, NULL);
        cr_expect_geq(late[i]->took, 0.04 * (ROOM_THREADS - i));
        cr_expect_eq(late[i]->result, AUTOBUS_TIMEOUT);
        free(late[i]->error);
        free(late[i]);
    }
    answer(&at, 3, 3); /* too late: nobody's */
    answer(&at, 2, 2);
    expect(patient, AUTOBUS_OK, "2");
    close_door(&at);
}

/* Who runs out of time in the middle of a line leaves what came of it to the next. */
Test(reading_ends, half_an_answer_is_not_lost_with_who_waited_for_it)
{
    door at;
    open_door(&at);
    for (int i = 2; i < 40; i += 2) {
        waiting *late = ask(&at, i % 8);
        hand_send(at.server, "{\"_type\":2,\"_id\":");
        expect(late, AUTOBUS_TIMEOUT, "no answer");
        waiting *next = ask(&at, 5000);
        hand_send(at.server, "\"0\"}\r\n");
        answer(&at, i + 1, i);
        expect(next, AUTOBUS_OK, "");
    }
    close_door(&at);
}

static void *say_much(void *argument)
{
    waiting *self = argument;
    size_t length = 3U << 20;
    char *text = malloc(length + 5);
    memset(text, 'x', length + 4);
    memcpy(text, "[\"", 2);
    memcpy(text + length + 2, "\"]", 3);
    self->result = autobus_call_text(self->remote, "f", text, self->timeout, &self->answer);
    self->error = strdup(autobus_last_error());
    free(text);
    return NULL;
}

static void hear_lines(hand *server, int lines)
{
    static char bytes[1 << 16];
    while (lines > 0) {
        ssize_t got = read(server->fd, bytes, sizeof bytes);
        cr_assert_gt(got, 0);
        for (ssize_t i = 0; i < got; i++)
            lines -= bytes[i] == '\n';
    }
}

/* While its thread reads, the bus thread sends what the kernel did not take; others queue behind it. */
Test(reading_ends, a_question_that_leaves_in_parts_is_answered)
{
    door at;
    open_door(&at);
    waiting *one = calloc(1, sizeof *one), *other = calloc(1, sizeof *other);
    *one = (waiting){.remote = at.remote, .timeout = 10000};
    *other = *one;
    pthread_create(&one->thread, NULL, say_much, one);
    pthread_create(&other->thread, NULL, wait_for_answer, other);
    hear_lines(at.server, 2);
    answer(&at, 3, 7);
    answer(&at, 2, 7);
    expect(one, AUTOBUS_OK, "7");
    expect(other, AUTOBUS_OK, "7");
    close_door(&at);
}

static void *cancel_me(void *argument)
{
    waiting *self = argument;
    self->result = autobus_call_text(self->remote, "slow", NULL, 50, NULL);
    self->error = strdup(""); /* it was not cancelled in the call */
    pthread_testcancel();
    return NULL;
}

Test(reading_ends, a_thread_that_is_cancelled_finishes_its_call_first)
{
    room here;
    room_enter(&here);
    room_expect_sum(here.remote, 1, 1);
    waiting one = {.remote = here.remote};
    pthread_create(&one.thread, NULL, cancel_me, &one);
    pthread_cancel(one.thread);
    void *how;
    pthread_join(one.thread, &how);
    if (one.error != NULL)
        cr_expect_eq(one.result, AUTOBUS_TIMEOUT);
    free(one.error);
    room_expect_sum(here.remote, 1, 2);
    room_leave(&here);
}

static _Noreturn void be_the_child(room *here)
{
    bool is_refused = autobus_call_text(here->remote, "add", NULL, 100, NULL) == AUTOBUS_FORKED;
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->bus);
    _exit(is_refused ? 0 : 1);
}

/* It shares the parent's epoll sets: taking anything out of them would leave the parent deaf. */
Test(reading_ends, a_forks_child_leaves_its_parent_reading)
{
    room here;
    int status;
    room_enter(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", room_hear_number, &here, NULL, NULL),
                 AUTOBUS_OK);
    room_expect_sum(here.remote, 1, 1);
    room_expect_sum(here.remote, 1, 2);
    pid_t child = fork();
    if (child == 0)
        be_the_child(&here);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    room_expect_sum(here.remote, 1, 3);
    room_fire(&here, 1);
    EVENTUALLY(atomic_load(&here.fired) == 1);
    room_leave(&here);
}

static void *call_until_over(void *argument)
{
    room *here = argument;
    int sum;
    for (int i = 0; !atomic_load(&here->is_over); i++)
        if (room_add(here->remote, i, 1, 20000, &sum) != AUTOBUS_OK || sum != i + 1)
            atomic_fetch_add(&here->wrong, 1);
    return NULL;
}

Test(reading_ends, a_fork_while_threads_read_disturbs_none_of_them, .timeout = 60)
{
    room here;
    pthread_t threads[2];
    int status;
    room_enter(&here);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, call_until_over, &here);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0)
            be_the_child(&here);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    atomic_store(&here.is_over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    cr_expect_eq(atomic_load(&here.wrong), 0);
    room_leave(&here);
}
