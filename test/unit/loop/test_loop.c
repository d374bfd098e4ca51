/* SPDX-License-Identifier: MIT
 * The bus thread: its turns, its timers, its tasks, its end. */
#include "loop/loop.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "support/eventually.h"

static ab_loop *loop;
static atomic_int ran;

static void set_up(void)
{
    atomic_store(&ran, 0);
    loop = ab_loop_new(NULL, NULL, NULL);
    cr_assert_not_null(loop, "%s", autobus_last_error());
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
}

static void tear_down(void)
{
    ab_loop_stop(loop);
    ab_loop_free(loop);
}

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

static uint64_t count_wakes(void)
{
    lock();
    uint64_t wakes = ab_loop_wakes(loop);
    unlock();
    return wakes;
}

TestSuite(loop, .init = set_up, .fini = tear_down);

/* A task that tells what it saw. */
typedef struct errand {
    ab_task task;
    atomic_int runs;
    bool is_here;
    sigset_t mask;
    char thread_name[16];
} errand;

static void run_errand(ab_task *task)
{
    errand *it = AB_CONTAINER(task, errand, task);
    it->is_here = ab_loop_is_here(loop);
    pthread_sigmask(SIG_SETMASK, NULL, &it->mask);
    pthread_getname_np(pthread_self(), it->thread_name, sizeof it->thread_name);
    atomic_fetch_add(&it->runs, 1);
}

static void post(errand *it)
{
    lock();
    ab_loop_post(loop, &it->task);
    unlock();
}

Test(loop, runs_a_task_on_its_own_thread)
{
    errand it = {0};
    ab_task_init(&it.task, run_errand);
    cr_assert_not(ab_loop_is_here(loop));
    post(&it);
    EVENTUALLY(atomic_load(&it.runs) == 1);
    lock();
    cr_assert(it.is_here);
    cr_assert_str_eq(it.thread_name, "autobus");
    cr_assert(sigismember(&it.mask, SIGINT) && sigismember(&it.mask, SIGALRM));
    unlock();
}

Test(loop, leaves_the_signals_of_other_threads_alone)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    cr_assert_not(sigismember(&mask, SIGINT));
}

Test(loop, runs_a_task_once_however_often_it_is_posted)
{
    errand it = {0}, last = {0};
    ab_task_init(&it.task, run_errand);
    ab_task_init(&last.task, run_errand);
    lock();
    ab_loop_post(loop, &it.task);
    ab_loop_post(loop, &it.task);
    ab_loop_post(loop, &last.task);
    unlock();
    EVENTUALLY(atomic_load(&last.runs) == 1);
    cr_assert_eq(atomic_load(&it.runs), 1);
    post(&it);
    EVENTUALLY(atomic_load(&it.runs) == 2);
}

Test(loop, runs_no_task_that_was_cancelled)
{
    errand it = {0}, last = {0};
    ab_task_init(&it.task, run_errand);
    ab_task_init(&last.task, run_errand);
    lock();
    ab_loop_post(loop, &it.task);
    ab_loop_post(loop, &last.task);
    ab_task_cancel(&it.task);
    ab_task_cancel(&it.task);
    unlock();
    EVENTUALLY(atomic_load(&last.runs) == 1);
    cr_assert_eq(atomic_load(&it.runs), 0);
}

/* Posts itself for ever, until it is told to stop. */
static atomic_bool must_stop;

static void run_again(ab_task *task)
{
    atomic_fetch_add(&ran, 1);
    if (!atomic_load(&must_stop))
        ab_loop_post(loop, task);
}

Test(loop, is_not_starved_by_a_task_that_posts_itself)
{
    ab_task again;
    errand it = {0};
    atomic_store(&must_stop, false);
    ab_task_init(&again, run_again);
    ab_task_init(&it.task, run_errand);
    lock();
    ab_loop_post(loop, &again);
    unlock();
    post(&it);
    EVENTUALLY(atomic_load(&it.runs) == 1);
    atomic_store(&must_stop, true);
    lock();
    ab_task_cancel(&again);
    unlock();
}

Test(loop, wakes_once_for_many_tasks_posted_together)
{
    static errand many[100];
    uint64_t before = count_wakes();
    lock();
    for (int i = 0; i < 100; i++) {
        many[i] = (errand){0};
        ab_task_init(&many[i].task, run_errand);
        ab_loop_post(loop, &many[i].task);
    }
    unlock();
    EVENTUALLY(atomic_load(&many[99].runs) == 1);
    cr_assert(count_wakes() - before <= 2);
}

static void *post_many(void *errands)
{
    for (int i = 0; i < 200; i++)
        post((errand *)errands + i);
    return NULL;
}

Test(loop, loses_no_task_of_several_threads)
{
    static errand many[4][200];
    pthread_t threads[4];
    memset(many, 0, sizeof many);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 200; j++)
            ab_task_init(&many[i][j].task, run_errand);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, post_many, many[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 200; j++)
            EVENTUALLY(atomic_load(&many[i][j].runs) == 1);
}

/* A timer that notes when it fired. */
typedef struct egg {
    ab_timer timer;
    _Atomic ab_time fired;
} egg;

static void ring(ab_timer *timer)
{
    egg *it = AB_CONTAINER(timer, egg, timer);
    atomic_store(&it->fired, ab_loop_now(loop));
}

static void start(egg *it, ab_time from_now)
{
    lock();
    atomic_store(&it->fired, 0);
    ab_loop_timer_start(loop, &it->timer, ab_loop_now(loop) + from_now);
    unlock();
}

Test(loop, fires_a_timer_soon_after_it_is_due)
{
    egg it;
    ab_timer_init(&it.timer, ring);
    ab_time due = ab_loop_now(loop) + AB_MS(30);
    start(&it, AB_MS(30));
    EVENTUALLY(atomic_load(&it.fired) != 0);
    cr_assert(atomic_load(&it.fired) >= due);
    cr_assert(atomic_load(&it.fired) < due + AB_MS(500));
}

Test(loop, takes_an_earlier_deadline_while_it_sleeps_without_being_woken)
{
    egg late, early;
    ab_timer_init(&late.timer, ring);
    ab_timer_init(&early.timer, ring);
    start(&late, AB_MS(60000));
    uint64_t before = count_wakes();
    start(&early, AB_MS(40));
    EVENTUALLY(atomic_load(&early.fired) != 0);
    cr_assert_eq(atomic_load(&late.fired), 0);
    cr_assert(count_wakes() - before <= 2);
    lock();
    ab_loop_timer_stop(loop, &late.timer);
    unlock();
}

Test(loop, sleeps_through_a_deadline_that_was_put_off)
{
    egg put_off, last;
    ab_timer_init(&put_off.timer, ring);
    ab_timer_init(&last.timer, ring);
    uint64_t before = count_wakes();
    start(&put_off, AB_MS(1000));
    start(&put_off, AB_MS(60000));
    start(&last, AB_MS(1200));
    EVENTUALLY(atomic_load(&last.fired) != 0);
    cr_assert_eq(count_wakes() - before, 1);
    lock();
    ab_loop_timer_stop(loop, &put_off.timer);
    unlock();
}

Test(loop, fires_what_was_due_already_at_once)
{
    egg it;
    ab_timer_init(&it.timer, ring);
    start(&it, -AB_MS(50000));
    EVENTUALLY(atomic_load(&it.fired) != 0);
}

Test(loop, fires_no_timer_that_was_stopped_or_set_to_never)
{
    egg stopped, never, last;
    ab_timer_init(&stopped.timer, ring);
    ab_timer_init(&never.timer, ring);
    ab_timer_init(&last.timer, ring);
    start(&stopped, AB_MS(20));
    start(&never, AB_MS(20));
    start(&last, AB_MS(40));
    lock();
    ab_loop_timer_stop(loop, &stopped.timer);
    ab_loop_timer_start(loop, &never.timer, AB_NEVER);
    unlock();
    EVENTUALLY(atomic_load(&last.fired) != 0);
    cr_assert_eq(atomic_load(&stopped.fired), 0);
    cr_assert_eq(atomic_load(&never.fired), 0);
}

/* Starts itself again every 2 ms, on the bus thread. */
static void ring_often(ab_timer *timer)
{
    if (atomic_fetch_add(&ran, 1) < 20)
        ab_loop_timer_start(loop, timer, timer->due + AB_MS(2));
}

Test(loop, fires_a_timer_that_starts_itself_again)
{
    ab_timer timer;
    ab_timer_init(&timer, ring_often);
    lock();
    ab_loop_timer_start(loop, &timer, ab_loop_now(loop));
    unlock();
    EVENTUALLY(atomic_load(&ran) == 21);
}

Test(loop, sleeps_when_there_is_nothing_to_do)
{
    egg it;
    ab_timer_init(&it.timer, ring);
    uint64_t before = count_wakes();
    start(&it, AB_MS(200));
    EVENTUALLY(atomic_load(&it.fired) != 0);
    cr_assert(count_wakes() - before <= 2);
}

Test(loop, may_be_stopped_twice)
{
    cr_assert_not(ab_loop_stop(loop));
    cr_assert_not(ab_loop_stop(loop));
}

/* What the owner of a loop of its own heard. */
typedef struct owner {
    ab_loop *loop;
    ab_clock_fake clock;
    ab_task task;
    _Atomic ab_time gap;
    atomic_bool has_ended, timer_came_first;
    egg egg;
} owner;

static void note_gap(void *argument, ab_time gap)
{
    owner *it = argument;
    atomic_store(&it->timer_came_first, atomic_load(&it->egg.fired) != 0);
    atomic_store(&it->gap, gap);
}

static void note_end(void *argument)
{
    owner *it = argument;
    ab_loop_free(it->loop);
    atomic_store(&it->has_ended, true);
}

static const ab_loop_ops ops = {note_gap, note_end};

static void stop_from_inside(ab_task *task) AB_LOCKED
{
    owner *it = AB_CONTAINER(task, owner, task);
    ab_lock_drop(ab_loop_lock(it->loop));
    cr_assert(ab_loop_stop(it->loop));
    ab_lock_take(ab_loop_lock(it->loop));
}

Test(own_loop, stopped_from_inside_may_be_freed_as_the_last_act)
{
    static owner it;
    atomic_store(&it.has_ended, false);
    it.loop = ab_loop_new(NULL, &ops, &it);
    ab_task_init(&it.task, stop_from_inside);
    cr_assert_eq(ab_loop_start(it.loop), AUTOBUS_OK);
    ab_lock_take(ab_loop_lock(it.loop));
    ab_loop_post(it.loop, &it.task);
    ab_lock_drop(ab_loop_lock(it.loop));
    EVENTUALLY(atomic_load(&it.has_ended));
}

Test(own_loop, may_be_freed_without_ever_having_run)
{
    ab_loop *unused = ab_loop_new(NULL, NULL, NULL);
    cr_assert_not(ab_loop_stop(unused));
    ab_loop_free(unused);
    ab_loop_free(NULL);
}

static void ring_by_fake_clock(ab_timer *timer)
{
    egg *rung = AB_CONTAINER(timer, egg, timer);
    owner *it = AB_CONTAINER(rung, owner, egg);
    atomic_store(&rung->fired, ab_loop_now(it->loop));
}

/* A loop on a clock at 1 s, with a timer due at 2 s. */
static void begin_by_fake_clock(owner *it)
{
    memset(it, 0, sizeof *it);
    ab_clock_fake_init(&it->clock, AB_MS(1000));
    it->loop = ab_loop_new(&it->clock.clock, &ops, it);
    ab_timer_init(&it->egg.timer, ring_by_fake_clock);
    ab_lock_take(ab_loop_lock(it->loop));
    ab_loop_timer_start(it->loop, &it->egg.timer, AB_MS(2000));
    ab_lock_drop(ab_loop_lock(it->loop));
    cr_assert_eq(ab_loop_start(it->loop), AUTOBUS_OK);
}

static void end_by_fake_clock(owner *it)
{
    ab_loop_stop(it->loop);
    ab_loop_free(it->loop);
}

Test(own_loop, goes_by_the_clock_it_was_given)
{
    static owner it;
    begin_by_fake_clock(&it);
    ab_clock_fake_advance(&it.clock, AB_MS(999));
    cr_assert_eq(atomic_load(&it.egg.fired), 0);
    ab_clock_fake_advance(&it.clock, AB_MS(1));
    EVENTUALLY(atomic_load(&it.egg.fired) == AB_MS(2000));
    cr_assert_eq(atomic_load(&it.gap), 0);
    end_by_fake_clock(&it);
}

Test(own_loop, tells_first_of_all_that_it_stood_still)
{
    static owner it;
    begin_by_fake_clock(&it);
    ab_clock_fake_advance(&it.clock, AB_MS(6000));
    EVENTUALLY(atomic_load(&it.egg.fired) != 0);
    cr_assert_eq(atomic_load(&it.gap), AB_MS(5000));
    cr_assert_not(atomic_load(&it.timer_came_first));
    end_by_fake_clock(&it);
}

Test(own_loop, does_not_mind_being_a_second_late)
{
    static owner it;
    begin_by_fake_clock(&it);
    ab_clock_fake_advance(&it.clock, AB_MS(2000));
    EVENTUALLY(atomic_load(&it.egg.fired) != 0);
    cr_assert_eq(atomic_load(&it.gap), 0);
    end_by_fake_clock(&it);
}

static atomic_bool parent_heard;

static void hear_in_parent(ab_watch *watch, bool can_read, bool can_write)
{
    (void)can_write;
    char byte;
    if (can_read && read(watch->fd, &byte, 1) == 1)
        atomic_store(&parent_heard, true);
}

Test(own_loop, is_freed_in_a_forked_child_without_harm_to_the_parent)
{
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    atomic_store(&parent_heard, false);
    ab_watch watch;
    ab_loop *parents = ab_loop_new(NULL, NULL, NULL);
    ab_lock_take(ab_loop_lock(parents));
    ab_watch_init(&watch, parents, fds[0], hear_in_parent);
    ab_watch_want(&watch, true, false);
    ab_lock_drop(ab_loop_lock(parents));
    pid_t child = fork();
    if (child == 0) {
        if (ab_loop_stop(parents))
            _exit(1);
        ab_loop_free(parents);
        _exit(0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert_eq(ab_loop_start(parents), AUTOBUS_OK);
    cr_assert_eq(write(fds[1], "x", 1), 1);
    EVENTUALLY(atomic_load(&parent_heard));
    ab_loop_stop(parents);
    ab_lock_take(ab_loop_lock(parents));
    ab_watch_fini(&watch);
    ab_lock_drop(ab_loop_lock(parents));
    ab_loop_free(parents);
    close(fds[0]);
    close(fds[1]);
}
