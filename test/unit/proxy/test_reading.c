/* SPDX-License-Identifier: MIT
 * Threads that wait for answers and read the connection by themselves: what they get, what it costs the bus thread, and
 * when others hear what came with it. How it ends is test_reading_ends.c's. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "room.h"
#include "support/eventually.h"
#include "support/small_town.h"

/* What it costs. */

Test(reading, a_call_wakes_its_own_thread_once_and_the_bus_thread_never)
{
    room here;
    const int calls = 1000;
    struct rusage before, after;
    room_enter(&here);
    for (int i = 0; i < 20; i++)
        room_expect_sum(here.remote, i, i);
    uint64_t woke = autobus_bus_stat(here.bus, AUTOBUS_STAT_WAKES);
    getrusage(RUSAGE_THREAD, &before);
    for (int i = 0; i < calls; i++)
        room_expect_sum(here.remote, i, 1);
    getrusage(RUSAGE_THREAD, &after);
    /* On a busy machine some answer takes longer than one thread may read: then the bus thread takes over. */
    cr_expect_lt(autobus_bus_stat(here.bus, AUTOBUS_STAT_WAKES) - woke, calls / 10);
    cr_expect_lt(after.ru_nvcsw - before.ru_nvcsw, calls + calls / 10);
    room_leave(&here);
}

/* When others hear of it. */

#define EVENTS 200

typedef struct lateness {
    _Atomic int64_t fired_at;
    int64_t late[EVENTS]; /* microseconds */
    atomic_int heard;
} lateness;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void hear_late(void *userdata, const autobus_message *message)
{
    lateness *here = userdata;
    int which = atomic_load(&here->heard);
    (void)message;
    if (which < EVENTS)
        here->late[which] = now_us() - atomic_load(&here->fired_at);
    atomic_store(&here->heard, which + 1);
}

static int compare_times(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

static int64_t median(lateness *of)
{
    qsort(of->late, EVENTS, sizeof *of->late, compare_times);
    return of->late[EVENTS / 2];
}

static void fire_and_wait(room *here, lateness *heard, int number)
{
    atomic_store(&heard->fired_at, now_us());
    room_fire(here, number);
    EVENTUALLY(atomic_load(&heard->heard) == number);
}

/* How late events are that come right after a call, or, without calls, on a connection that is as quiet as any. */
static int64_t lateness_behind(bool has_calls)
{
    room here;
    lateness heard;
    memset(&heard, 0, sizeof heard);
    room_enter(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", hear_late, &heard, NULL, NULL), AUTOBUS_OK);
    room_expect_sum(here.remote, 1, 1);
    for (int i = 1; i <= EVENTS; i++) {
        if (has_calls)
            room_expect_sum(here.remote, i, i);
        fire_and_wait(&here, &heard, i);
    }
    room_leave(&here);
    return median(&heard);
}

/* Where the machine itself is late, it is late without calls too. */
Test(reading, what_comes_between_calls_is_heard_within_a_millisecond, .timeout = 60)
{
    int64_t with_calls = lateness_behind(true), without = lateness_behind(false);
    cr_expect(with_calls <= 1000 || with_calls <= 2 * without, "%lld us; without calls %lld us",
              (long long)with_calls, (long long)without);
}

static void *call_slowly(void *argument)
{
    room *here = argument;
    while (!atomic_load(&here->is_over))
        (void)autobus_call_text(here->remote, "never", NULL, 1, NULL);
    return NULL;
}

/* The thread that waits reads it, and callbacks run where they always do. */
Test(reading, what_comes_in_the_middle_of_a_call_is_heard_at_once_too, .timeout = 60)
{
    room here;
    lateness heard;
    pthread_t thread;
    memset(&heard, 0, sizeof heard);
    room_enter(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", hear_late, &heard, NULL, NULL), AUTOBUS_OK);
    room_expect_sum(here.remote, 1, 1);
    pthread_create(&thread, NULL, call_slowly, &here);
    for (int i = 1; i <= EVENTS; i++)
        fire_and_wait(&here, &heard, i);
    atomic_store(&here.is_over, true);
    pthread_join(thread, NULL);
    room_leave(&here);
    int64_t late = median(&heard), without = late <= 1000 ? 0 : lateness_behind(false);
    cr_expect(late <= 1000 || late <= 2 * without, "%lld us; without calls %lld us",
              (long long)late, (long long)without);
}

Test(reading, a_slow_call_leaves_the_reading_to_others)
{
    room here;
    room_enter(&here);
    char *late = NULL;
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(autobus_call_text(here.remote, "slow", NULL, 5000, &late), AUTOBUS_OK);
        cr_expect_str_eq(late, "\"late\"");
        free(late);
        cr_expect_eq(autobus_call_text(here.remote, "slow", NULL, 10, &late), AUTOBUS_TIMEOUT);
        room_expect_sum(here.remote, 1, 2);
    }
    room_leave(&here);
}

/* What they get. */

static void set_and_answer(void *userdata, autobus_request *request)
{
    autobus_service *service = userdata;
    int64_t level = json_object_get_int64(autobus_request_argument(request, 0));
    autobus_service_set(service, "level", json_object_new_int64(level));
    autobus_request_answer(request, NULL);
}

static void expect_level(autobus_remote *remote, int wanted)
{
    json_object *level = NULL;
    cr_assert_eq(autobus_value(remote, "level", &level), AUTOBUS_OK);
    cr_assert_eq(json_object_get_int(level), wanted);
    json_object_put(level);
}

Test(reading, a_value_said_before_an_answer_is_there_with_the_answer)
{
    room here;
    room_enter(&here);
    cr_assert_eq(autobus_service_add_function(here.lamp.service, "set", NULL, AUTOBUS_INLINE,
                                              set_and_answer, here.lamp.service, NULL),
                 AUTOBUS_OK);
    cr_assert_eq(autobus_watch(here.remote, "level", room_ignore, NULL, NULL, NULL), AUTOBUS_OK);
    for (int i = 1; i <= 200; i++) {
        json_object *list = json_object_new_array();
        json_object_array_add(list, json_object_new_int(i));
        cr_assert_eq(autobus_call(here.remote, "set", list, 5000, NULL), AUTOBUS_OK);
        expect_level(here.remote, i);
    }
    room_leave(&here);
}

static void *fire_on(void *argument)
{
    room *here = argument;
    for (long i = 1; !atomic_load(&here->is_over); i++) {
        room_fire(here, i);
        room_wait_until(&here->fired, (int)i - 64, here);
    }
    return NULL;
}

Test(reading, eight_threads_get_each_its_own_answer_among_busy_events, .timeout = 120)
{
    room here;
    room_caller callers[ROOM_THREADS];
    pthread_t firing;
    room_enter(&here);
    cr_assert_eq(autobus_listen(here.remote, "pressed", room_hear_number, &here, NULL, NULL),
                 AUTOBUS_OK);
    room_expect_sum(here.remote, 1, 1); /* behind it, so that it was heard */
    pthread_create(&firing, NULL, fire_on, &here);
    room_start_callers(callers, &here, 20 + (int)(2000 * home_scale()));
    room_join_callers(callers);
    atomic_store(&here.is_over, true);
    pthread_join(firing, NULL);
    cr_expect_eq(atomic_load(&here.wrong), 0);
    cr_expect_eq(atomic_load(&here.out_of_order), 0);
    cr_expect_eq(atomic_load(&here.astray), 0);
    cr_expect_gt(atomic_load(&here.fired), 0);
    room_leave(&here);
}

typedef struct inquiry {
    room *room;
    int sums, nested; /* right answers; callbacks that ran inside of it */
} inquiry;

static void ask_inside(void *userdata, const autobus_message *message)
{
    inquiry *self = userdata;
    int sum, before = atomic_load(&self->room->fired);
    long number = atol(autobus_message_text(message, NULL) + 1);
    room_fire(self->room, number + 1);
    self->sums += room_add(self->room->remote, (int)number, 1, 5000, &sum) == AUTOBUS_OK &&
                  sum == (int)number + 1;
    self->nested += atomic_load(&self->room->fired) != before;
    atomic_fetch_add(&self->room->fired, 1);
}

/* What it reads for others while it waits is heard in its turn, and not inside of it. */
Test(reading, who_dispatches_may_call_and_wait_inside_of_a_callback, .timeout = 60)
{
    room here;
    room_enter_to_dispatch(&here);
    inquiry self = {.room = &here};
    cr_assert_eq(autobus_listen(here.remote, "pressed", ask_inside, &self, NULL, NULL), AUTOBUS_OK);
    room_expect_sum(here.remote, 1, 1);
    room_fire(&here, 1);
    EVENTUALLY(autobus_bus_dispatch(here.bus) >= 0 && atomic_load(&here.fired) >= 100);
    cr_expect_eq(self.sums, atomic_load(&here.fired));
    cr_expect_eq(self.nested, 0);
    room_leave(&here);
}
