/* SPDX-License-Identifier: MIT
 * The bus thread of the tests of this folder. */
#include "unit/net/running.h"

#include <criterion/criterion.h>
#include <time.h>

#define PATIENCE 10.0

double running_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

AB_UNCHECKED void running_lock(ab_loop *loop)
{
    if (loop != NULL)
        ab_lock_take(ab_loop_lock(loop));
}

AB_UNCHECKED void running_unlock(ab_loop *loop)
{
    if (loop != NULL)
        ab_lock_drop(ab_loop_lock(loop));
}

int running_number(ab_loop *loop, const int *number)
{
    running_lock(loop);
    int value = *number;
    running_unlock(loop);
    return value;
}

ab_loop *running_new(void)
{
    static const ab_loop_ops none;
    ab_loop *loop = ab_loop_new(NULL, &none, NULL);
    cr_assert_not_null(loop, "%s", autobus_last_error());
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK, "%s", autobus_last_error());
    return loop;
}

void running_end(ab_loop *loop, void (*last)(void *argument), void *argument)
{
    if (last != NULL)
        running_do(loop, last, argument);
    ab_loop_stop(loop);
    ab_loop_free(loop);
}

bool running_until(ab_loop *loop, bool (*holds)(const void *argument), const void *argument)
{
    double end = running_seconds() + PATIENCE;
    for (;;) {
        running_lock(loop);
        bool does_hold = holds(argument);
        running_unlock(loop);
        if (does_hold || running_seconds() > end)
            return does_hold;
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
}

typedef struct errand {
    ab_task task;
    void (*body)(void *argument);
    void *argument;
    bool is_done;
} errand;

static void run_errand(ab_task *task)
{
    errand *now = AB_CONTAINER(task, errand, task);
    now->body(now->argument);
    now->is_done = true;
}

static bool is_done(const void *argument)
{
    return ((const errand *)argument)->is_done;
}

void running_do(ab_loop *loop, void (*body)(void *argument), void *argument)
{
    errand now = {.body = body, .argument = argument};
    ab_task_init(&now.task, run_errand);
    running_lock(loop);
    ab_loop_post(loop, &now.task);
    running_unlock(loop);
    cr_assert(running_until(loop, is_done, &now), "the bus thread does not come to work");
}
