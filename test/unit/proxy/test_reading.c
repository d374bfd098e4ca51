/* SPDX-License-Identifier: MIT
 * Threads that wait for answers and read the connection by themselves: what they get, what it costs the bus thread, and
 * what becomes of them when the connection ends, is freed, or says something senseless. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "home.h"
#include "support/eventually.h"
#include "support/hand.h"
#include "support/small_town.h"

#define THREADS 8
#define BOUND   "{\"_type\":2,\"_id\":\"0\",\"service\":\"x\",\"bus\":\"00000000000000b5\"}\r\n"

/* A lamp and a connection to it, from buses that do nothing else. */
typedef struct room {
    lamp lamp;
    autobus_bus *bus;
    autobus_remote *remote;
    atomic_bool is_over;
    atomic_int wrong, fired, out_of_order, called;
    atomic_long last;
} room;

static void enter_room(room *here)
{
    memset(here, 0, sizeof *here);
    lamp_switch_on(&here->lamp, town_port(), "lamp", 0);
    here->bus = town_hermit();
    cr_assert_eq(autobus_connect_to(here->bus, "127.0.0.1",
                                    (uint16_t)autobus_bus_port(here->lamp.bus), "lamp", 5000,
                                    &here->remote),
                 AUTOBUS_OK, "%s", autobus_last_error());
}

static void leave_room(room *here)
{
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->bus);
    lamp_switch_off(&here->lamp);
}

static autobus_result add(autobus_remote *remote, int one, int other, int timeout, int *ret_sum)
{
    char arguments[64], *sum = NULL;
    snprintf(arguments, sizeof arguments, "[%d,%d]", one, other);
    autobus_result result = autobus_call_text(remote, "add", arguments, timeout, &sum);
    *ret_sum = sum != NULL ? atoi(sum) : -1;
    free(sum);
    return result;
}

static void expect_sum(autobus_remote *remote, int one, int other)
{
    int sum;
    cr_assert_eq(add(remote, one, other, 5000, &sum), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(sum, one + other);
}

static void hear_number(void *userdata, const autobus_message *message)
{
    room *here = userdata;
    long number = atol(autobus_message_text(message, NULL) + 1);
    if (number != atomic_load(&here->last) + 1)
        atomic_fetch_add(&here->out_of_order, 1);
    atomic_store(&here->last, number);
    atomic_fetch_add(&here->fired, 1);
}

static void fire(room *here, long number)
{
    char text[32];
    snprintf(text, sizeof text, "[%ld]", number);
    cr_expect_eq(autobus_service_fire_text(here->lamp.service, "pressed", text), AUTOBUS_OK);
}

/* What it costs. */

Test(reading, a_call_wakes_its_own_thread_once_and_the_bus_thread_never)
{
    room here;
    const int calls = 1000;
    struct rusage before, after;
    enter_room(&here);
    for (int i = 0; i < 20; i++)
        expect_sum(here.remote, i, i);
    uint64_t woke = autobus_bus_stat(here.bus, AUTOBUS_STAT_WAKES);
    getrusage(RUSAGE_THREAD, &before);
    for (int i = 0; i < calls; i++)
        expect_sum(here.remote, i, 1);
    getrusage(RUSAGE_THREAD, &after);
    /* On a busy machine some answer takes longer than one thread may read: then the bus thread takes over. */
    cr_expect_lt(autobus_bus_stat(here.bus, AUTOBUS_STAT_WAKES) - woke, calls / 10);
    cr_expect_lt(after.ru_nvcsw - before.ru_nvcsw, calls + calls / 10);
    leave_room(&here);
}

Test(reading, what_comes_between_calls_is_heard_by_itself)
{
    room here;
    enter_room(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", hear_number, &here, NULL, NULL),
                 AUTOBUS_OK);
    for (int i = 1; i <= 50; i++) {
        expect_sum(here.remote, i, i);
        fire(&here, i);
        EVENTUALLY(atomic_load(&here.fired) == i);
    }
    leave_room(&here);
}

Test(reading, a_slow_call_leaves_the_reading_to_others)
{
    room here;
    enter_room(&here);
    char *late = NULL;
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(autobus_call_text(here.remote, "slow", NULL, 5000, &late), AUTOBUS_OK);
        cr_expect_str_eq(late, "\"late\"");
        free(late);
        cr_expect_eq(autobus_call_text(here.remote, "slow", NULL, 10, &late), AUTOBUS_TIMEOUT);
        expect_sum(here.remote, 1, 2);
    }
    leave_room(&here);
}

static void set_and_answer(void *userdata, autobus_request *request)
{
    autobus_service *service = userdata;
    int64_t level = json_object_get_int64(autobus_request_argument(request, 0));
    autobus_service_set(service, "level", json_object_new_int64(level));
    autobus_request_answer(request, NULL);
}

static void ignore(void *userdata, const autobus_message *message)
{
    (void)userdata, (void)message;
}

Test(reading, a_value_said_before_an_answer_is_there_with_the_answer)
{
    room here;
    memset(&here, 0, sizeof here);
    here.lamp.bus = town_bus(town_port());
    here.lamp.service = autobus_service_parse(here.lamp.bus, "{'type': 'lamp'}");
    autobus_service_set_id(here.lamp.service, "lamp");
    autobus_service_add_object(here.lamp.service, "level", NULL, json_object_new_int(0));
    autobus_service_add_function(here.lamp.service, "set", NULL, AUTOBUS_INLINE, set_and_answer,
                                 here.lamp.service, NULL);
    cr_assert_eq(autobus_service_publish(here.lamp.service), AUTOBUS_OK);
    here.bus = town_hermit();
    cr_assert_eq(autobus_connect_to(here.bus, "127.0.0.1",
                                    (uint16_t)autobus_bus_port(here.lamp.bus), "lamp", 5000,
                                    &here.remote),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_watch(here.remote, "level", ignore, NULL, NULL, NULL), AUTOBUS_OK);
    for (int i = 1; i <= 200; i++) {
        json_object *list = json_object_new_array(), *level = NULL;
        json_object_array_add(list, json_object_new_int(i));
        cr_assert_eq(autobus_call(here.remote, "set", list, 5000, NULL), AUTOBUS_OK);
        cr_assert_eq(autobus_value(here.remote, "level", &level), AUTOBUS_OK);
        cr_assert_eq(json_object_get_int(level), i);
        json_object_put(level);
    }
    leave_room(&here);
}

/* Eight at once. */

typedef struct caller {
    room *room;
    unsigned seed;
    int calls;
    pthread_t thread;
} caller;

/* Or until all is over. */
static void wait_until(atomic_int *count, int value, room *here)
{
    while (atomic_load(count) < value && !atomic_load(&here->is_over))
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static void *fire_on(void *argument)
{
    room *here = argument;
    for (long i = 1; !atomic_load(&here->is_over); i++) {
        fire(here, i);
        wait_until(&here->fired, (int)i - 64, here);
    }
    return NULL;
}

static void call_any(room *here, unsigned *seed)
{
    int sum, one = rand_r(seed) % 1000;
    uint64_t call;
    switch (rand_r(seed) % 10) {
    case 0:
        /* Whatever becomes of it, the next answer is not its. */
        (void)autobus_call_text(here->remote, "slow", NULL, rand_r(seed) % 5, NULL);
        break;
    case 1:
        if (autobus_call_async(here->remote, "add", NULL, 1000, 0, ignore, NULL, NULL, &call) ==
            AUTOBUS_OK)
            (void)autobus_call_cancel(here->remote, call);
        break;
    default:
        if (add(here->remote, one, 1, 20000, &sum) != AUTOBUS_OK || sum != one + 1)
            atomic_fetch_add(&here->wrong, 1);
    }
}

static void *call_on(void *argument)
{
    caller *self = argument;
    for (int i = 0; i < self->calls; i++)
        call_any(self->room, &self->seed), atomic_fetch_add(&self->room->called, 1);
    return NULL;
}

static void start_callers(caller *callers, room *here, int calls)
{
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i] = (caller){.room = here, .seed = i, .calls = calls};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call_on, &callers[i]), 0);
    }
}

static void join_callers(caller *callers)
{
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(callers[i].thread, NULL);
}

Test(reading, eight_threads_get_each_its_own_answer_among_busy_events, .timeout = 120)
{
    room here;
    caller callers[THREADS];
    pthread_t firing;
    enter_room(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", hear_number, &here, NULL, NULL),
                 AUTOBUS_OK);
    pthread_create(&firing, NULL, fire_on, &here);
    start_callers(callers, &here, 20 + (int)(2000 * home_scale()));
    join_callers(callers);
    atomic_store(&here.is_over, true);
    pthread_join(firing, NULL);
    cr_expect_eq(atomic_load(&here.wrong), 0);
    cr_expect_eq(atomic_load(&here.out_of_order), 0);
    cr_expect_gt(atomic_load(&here.fired), 0);
    leave_room(&here);
}

/* Ends. */

Test(reading, a_remote_freed_under_eight_callers_lets_all_of_them_go, .timeout = 120)
{
    for (int round = 0; round < 3 + (int)(50 * home_scale()); round++) {
        room here;
        caller callers[THREADS];
        enter_room(&here);
        /* Callers may hold it no longer than it lives: closed first, freed when they are gone. */
        start_callers(callers, &here, 50);
        wait_until(&here.called, rand() % (THREADS * 40), &here);
        if (round % 3 == 0)
            (void)autobus_service_withdraw(here.lamp.service);
        else if (round % 3 == 1)
            autobus_remote_close(here.remote);
        else
            lamp_switch_off(&here.lamp);
        join_callers(callers);
        leave_room(&here);
    }
}

typedef struct waiting {
    autobus_remote *remote;
    autobus_result result;
    char *error;
    pthread_t thread;
} waiting;

static void *wait_for_answer(void *argument)
{
    waiting *self = argument;
    self->result = autobus_call_text(self->remote, "f", NULL, 5000, NULL);
    self->error = strdup(autobus_last_error());
    return NULL;
}

/* Calls something that is a plain socket, which says this instead of an answer. */
static void expect_after(const char *said, autobus_result wanted, const char *part)
{
    uint16_t port;
    waiting one = {0};
    int listening = hand_listen(&port);
    autobus_bus *bus = town_hermit();
    cr_assert_eq(autobus_connect_to(bus, "127.0.0.1", port, "x", 0, &one.remote), AUTOBUS_OK);
    hand *server = hand_accept(listening);
    cr_assert_not_null(hand_line(server));
    hand_send(server, BOUND);
    cr_assert_eq(autobus_remote_wait(one.remote, 5000), AUTOBUS_OK);
    for (int i = 1; i <= 2; i++) {
        /* From the second call on the connection can be lent. */
        char answer[100];
        pthread_create(&one.thread, NULL, wait_for_answer, &one);
        cr_assert_not_null(hand_line(server));
        snprintf(answer, sizeof answer, "{\"_type\":2,\"_id\":\"%d\",\"result\":1}\r\n", i);
        hand_send(server, i == 1 ? answer : said);
        if (i == 2)
            hand_finish(server);
        pthread_join(one.thread, NULL);
        cr_assert_eq(one.result, i == 1 ? AUTOBUS_OK : wanted, "%s", one.error);
        if (i == 2)
            cr_expect_not_null(strstr(one.error, part), "%s", one.error);
        free(one.error);
    }
    autobus_remote_free(&one.remote);
    autobus_bus_free(&bus);
    hand_free(server);
}

Test(reading, garbage_found_by_a_caller_ends_the_connection)
{
    expect_after("no object\r\n", AUTOBUS_CLOSED, "no JSON object");
    expect_after("{\"_type\":2,\"_id\":\"77\"}\r\n{\"a\":}\r\n", AUTOBUS_CLOSED, "no JSON object");
}

Test(reading, an_end_found_by_a_caller_ends_the_connection)
{
    expect_after("", AUTOBUS_CLOSED, "closed the connection");
}

Test(reading, a_reason_said_before_the_end_is_told)
{
    expect_after("{\"_type\":3,\"_command\":\"unbound\",\"text\":\"Good night.\"}\r\n",
                 AUTOBUS_CLOSED, "Good night.");
}

static void *cancel_me(void *argument)
{
    waiting *self = argument;
    self->result = autobus_call_text(self->remote, "slow", NULL, 50, NULL);
    self->error = strdup(""); /* it was not cancelled in the call */
    pthread_testcancel();
    return NULL;
}

Test(reading, a_thread_that_is_cancelled_finishes_its_call_first)
{
    room here;
    enter_room(&here);
    expect_sum(here.remote, 1, 1);
    waiting one = {.remote = here.remote};
    pthread_create(&one.thread, NULL, cancel_me, &one);
    pthread_cancel(one.thread);
    void *how;
    pthread_join(one.thread, &how);
    if (one.error != NULL)
        cr_expect_eq(one.result, AUTOBUS_TIMEOUT);
    free(one.error);
    expect_sum(here.remote, 1, 2);
    leave_room(&here);
}

static _Noreturn void be_the_child(room *here)
{
    bool is_refused = autobus_call_text(here->remote, "add", NULL, 100, NULL) == AUTOBUS_FORKED;
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->bus);
    _exit(is_refused ? 0 : 1);
}

/* It shares the parent's epoll sets: taking anything out of them would leave the parent deaf. */
Test(reading, a_forks_child_leaves_its_parent_reading)
{
    room here;
    int status;
    enter_room(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", hear_number, &here, NULL, NULL),
                 AUTOBUS_OK);
    expect_sum(here.remote, 1, 1);
    expect_sum(here.remote, 1, 2);
    pid_t child = fork();
    if (child == 0)
        be_the_child(&here);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    expect_sum(here.remote, 1, 3);
    fire(&here, 1);
    EVENTUALLY(atomic_load(&here.fired) == 1);
    leave_room(&here);
}
