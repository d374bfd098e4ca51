/* SPDX-License-Identifier: MIT
 * A loop that stands still for fuzzing what runs on one: it turns when it is told to, by a clock that is moved. It
 * takes the place of the library's, so one program includes it once. */
#ifndef AUTOBUS_FUZZ_STILL_LOOP_H
#define AUTOBUS_FUZZ_STILL_LOOP_H

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "loop/loop.h"

static struct {
    ab_lock lock;
    ab_timers timers;
    ab_time now;
    ab_list tasks;
    bool is_elsewhere; /**< another thread than the bus thread is at work */
} still_loop;

static void still_loop_open(void)
{
    memset(&still_loop, 0, sizeof still_loop);
    pthread_mutex_init(&still_loop.lock.mutex, NULL);
    ab_timers_init(&still_loop.timers);
    ab_list_init(&still_loop.tasks);
    still_loop.now = AB_MS(1000);
}

/* Nobody waits for anything any more. */
static void still_loop_close(void)
{
    assert(ab_timers_next(&still_loop.timers) == AB_NEVER && ab_list_is_empty(&still_loop.tasks));
    ab_timers_fini(&still_loop.timers);
    pthread_mutex_destroy(&still_loop.lock.mutex);
}

static void run_tasks(void)
{
    for (ab_list *first; (first = ab_list_take_first(&still_loop.tasks)) != NULL;) {
        ab_task *task = AB_CONTAINER(first, ab_task, place);
        task->run(task);
    }
}

ab_lock *ab_loop_lock(ab_loop *loop)
{
    (void)loop;
    return &still_loop.lock;
}

bool ab_loop_is_here(const ab_loop *loop)
{
    (void)loop;
    return !still_loop.is_elsewhere;
}

ab_time ab_loop_now(ab_loop *loop)
{
    (void)loop;
    return still_loop.now;
}

static ab_time tell_time(const ab_clock *clock)
{
    (void)clock;
    return still_loop.now;
}

const ab_clock *ab_loop_clock(const ab_loop *loop)
{
    static const ab_clock still = {tell_time, tell_time};
    (void)loop;
    return &still;
}

void ab_loop_timer_start(ab_loop *loop, ab_timer *timer, ab_time due)
{
    (void)loop;
    ab_timer_start(&still_loop.timers, timer, due);
}

void ab_loop_timer_start_in(ab_loop *loop, ab_timer *timer, ab_time after)
{
    ab_loop_timer_start(loop, timer, still_loop.now + after);
}

void ab_loop_timer_stop(ab_loop *loop, ab_timer *timer)
{
    (void)loop;
    ab_timer_stop(&still_loop.timers, timer);
}

void ab_task_init(ab_task *task, void (*run)(ab_task *task))
{
    ab_list_init(&task->place);
    task->run = run;
}

void ab_loop_post(ab_loop *loop, ab_task *task)
{
    (void)loop;
    if (ab_list_is_empty(&task->place))
        ab_list_append(&still_loop.tasks, &task->place);
}

/* Nothing is put off here. */
bool ab_loop_hurry(ab_loop *loop, bool is_hurried)
{
    (void)loop;
    return is_hurried;
}

void ab_task_cancel(ab_task *task)
{
    ab_list_remove(&task->place);
}

#endif
