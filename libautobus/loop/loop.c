/* SPDX-License-Identifier: MIT
 * The bus thread: sleeps in libevent without the lock, works with it. Knows timers and tasks; file
 * descriptors are watch.c's.
 *
 * A turn: what libevent found ready, then due timers, then the tasks posted so far. Whatever those start or
 * post belongs to the next turn. Other threads reach the sleeper by two fds: a new earliest deadline is set
 * in the kernel's timer right away and wakes nobody; a task wakes it through an eventfd, once. */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/error.h"
#include "base/fork.h"
#include "loop/inside.h"

#define STACK     (1024 * 1024) /* callbacks of the program run on it */
#define STOOD     AB_MS(1000)
#define FAKE_TICK AB_MS(20)
#define NEAR      AB_MS(2000)

static _Thread_local const ab_loop *loop_here;

/* Both fds only end a sleep. They are edge-triggered: nobody has to read them. */
static void wake_up(evutil_socket_t fd, short what, void *argument)
{
    ab_loop *loop = argument;
    (void)fd, (void)what;
    loop->lookout.has_found = true;
}

static struct event *watch_edge(ab_loop *loop, int fd)
{
    struct event *event = event_new(loop->base, fd, EV_READ | EV_PERSIST | EV_ET, wake_up, loop);
    if (event != NULL && event_add(event, NULL) != 0) {
        event_free(event);
        event = NULL;
    }
    return event;
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    if (config == NULL)
        return NULL;
    event_config_require_features(config, EV_FEATURE_ET);
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static bool open_loop(ab_loop *loop)
{
    loop->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->timer_fd < 0 || loop->wake_fd < 0) {
        ab_fail_errno(errno, "the bus thread gets no timer or no eventfd");
        return false;
    }
    loop->base = make_base();
    if (loop->base != NULL) {
        loop->timer_event = watch_edge(loop, loop->timer_fd);
        loop->wake_event = watch_edge(loop, loop->wake_fd);
    }
    if (loop->timer_event == NULL || loop->wake_event == NULL) {
        ab_fail(AUTOBUS_FAILED, "libevent gives no loop on epoll to the bus thread");
        return false;
    }
    return true;
}

/* Nobody else knows it yet: no lock. */
static void init_loop(ab_loop *loop) AB_UNCHECKED
{
    pthread_mutex_init(&loop->lock.mutex, NULL);
    pthread_cond_init(&loop->over, NULL);
    loop->fork_generation = ab_fork_generation();
    loop->timer_fd = loop->wake_fd = loop->shared_fd = -1;
    loop->armed = AB_NEVER;
    ab_timers_init(&loop->timers);
    ab_list_init(&loop->tasks);
    ab_list_init(&loop->last);
}

ab_loop *ab_loop_new(const ab_clock *clock, const ab_loop_ops *ops, void *owner)
{
    ab_loop *loop = ab_alloc(1, sizeof *loop);
    init_loop(loop);
    loop->clock = clock == NULL ? &ab_clock_real : clock;
    loop->owner = owner;
    if (ops != NULL)
        loop->ops = *ops;
    if (open_loop(loop))
        return loop;
    ab_loop_free(loop);
    return NULL;
}

/* The thread is over, or in another process: nobody else is there. */
void ab_loop_free(ab_loop *loop) AB_UNCHECKED
{
    if (loop == NULL)
        return;
    /* libevent would take its fds out of the epoll instance, which a fork's child shares with its parent. */
    if (loop->base != NULL && loop->fork_generation != ab_fork_generation())
        event_reinit(loop->base);
    if (loop->timer_event != NULL)
        event_free(loop->timer_event);
    if (loop->wake_event != NULL)
        event_free(loop->wake_event);
    ab_shared_close(loop);
    if (loop->base != NULL)
        event_base_free(loop->base);
    ab_close_fd(&loop->timer_fd);
    ab_close_fd(&loop->wake_fd);
    ab_timers_fini(&loop->timers);
    pthread_cond_destroy(&loop->over);
    pthread_mutex_destroy(&loop->lock.mutex);
    free(loop);
}

ab_lock *ab_loop_lock(ab_loop *loop)
{
    return &loop->lock;
}

ab_time ab_loop_now(ab_loop *loop)
{
    return ab_clock_now(loop->clock);
}

const ab_clock *ab_loop_clock(const ab_loop *loop)
{
    return loop->clock;
}

bool ab_loop_is_here(const ab_loop *loop)
{
    return loop_here == loop;
}

uint64_t ab_loop_wakes(const ab_loop *loop)
{
    ab_lock_is_held(&loop->lock);
    return loop->wakes;
}

/* A later deadline than the kernel's timer is set to may wait, rather than set it again for every timer that is
 * stopped in time. Not when it would soon wake us for nothing: a bus whose leases are renewed in time sleeps on. */
static bool is_worth_arming(ab_loop *loop, ab_time due) AB_LOCKED
{
    return due < loop->armed || (due > loop->armed && loop->armed < ab_loop_now(loop) + NEAR);
}

/* Sets the kernel's timer to the earliest deadline. */
static void arm(ab_loop *loop) AB_LOCKED
{
    ab_time due = ab_timers_next(&loop->timers);
    bool is_real = loop->clock == &ab_clock_real;
    if (due == AB_NEVER || (is_real && !is_worth_arming(loop, due)))
        return;
    loop->armed = due;
    /* Nothing tells when a fake clock is moved: look often. */
    ab_time at = is_real ? due : AB_MIN(due - ab_loop_now(loop), FAKE_TICK);
    at = AB_MAX(at, 1);
    struct itimerspec time = {
        .it_value = {.tv_sec = at / 1000000, .tv_nsec = (long)(at % 1000000) * 1000},
    };
    timerfd_settime(loop->timer_fd, is_real ? TFD_TIMER_ABSTIME : 0, &time, NULL);
}

static void start_timer(ab_loop *loop, ab_timer *timer, ab_time due) AB_LOCKED
{
    ab_timer_start(&loop->timers, timer, due);
    if (!ab_loop_is_here(loop))
        arm(loop);
}

void ab_loop_timer_start(ab_loop *loop, ab_timer *timer, ab_time due)
{
    ab_lock_is_held(&loop->lock);
    if (due == AB_NEVER) {
        ab_timer_stop(&loop->timers, timer);
        return;
    }
    /* A deadline in the past would look as if the loop had stood still since. */
    start_timer(loop, timer, AB_MAX(due, ab_loop_now(loop)));
}

void ab_loop_timer_start_in(ab_loop *loop, ab_timer *timer, ab_time after)
{
    ab_lock_is_held(&loop->lock);
    start_timer(loop, timer, ab_loop_now(loop) + AB_MAX(after, 0));
}

void ab_loop_timer_stop(ab_loop *loop, ab_timer *timer)
{
    ab_lock_is_held(&loop->lock);
    ab_timer_stop(&loop->timers, timer);
}

static void wake(ab_loop *loop) AB_LOCKED
{
    if (!loop->is_asleep || loop->is_woken)
        return;
    loop->is_woken = true;
    eventfd_write(loop->wake_fd, 1);
}

void ab_task_init(ab_task *task, void (*run)(ab_task *task))
{
    ab_list_init(&task->place);
    task->run = run;
}

void ab_loop_post(ab_loop *loop, ab_task *task)
{
    ab_lock_is_held(&loop->lock);
    if (!ab_list_is_empty(&task->place))
        return;
    ab_list_append(&loop->tasks, &task->place);
    wake(loop);
}

void ab_loop_post_last(ab_loop *loop, ab_task *task)
{
    if (ab_list_is_empty(&task->place))
        ab_list_append(&loop->last, &task->place);
}

void ab_loop_look_out(ab_loop *loop, ab_time most, ab_time spin)
{
    loop->lookout = (ab_lookout){.clock = loop->clock, .most = most, .spin = spin};
}

ab_time ab_loop_spin(const ab_loop *loop)
{
    return loop->lookout.spin;
}

void ab_loop_heard(ab_loop *loop)
{
    ab_lock_is_held(&loop->lock);
    loop->lookout.has_heard = true;
}

void ab_loop_expect_news(ab_loop *loop)
{
    ab_lock_is_held(&loop->lock);
    loop->lookout.expects_news = true;
}

bool ab_loop_may_put_off(const ab_loop *loop)
{
    return ab_loop_is_here(loop) && !loop->is_hurried;
}

static void run_last(ab_loop *loop) AB_LOCKED
{
    for (ab_list *first; (first = ab_list_take_first(&loop->last)) != NULL;) {
        ab_task *task = AB_CONTAINER(first, ab_task, place);
        task->run(task);
    }
}

bool ab_loop_hurry(ab_loop *loop, bool is_hurried)
{
    bool was_hurried = loop->is_hurried;
    if (is_hurried)
        run_last(loop);
    loop->is_hurried = is_hurried;
    return was_hurried;
}

void ab_task_cancel(ab_task *task)
{
    ab_list_remove(&task->place);
}

void ab_loop_begin_turn(ab_loop *loop)
{
    if (loop->has_turn_begun)
        return;
    loop->has_turn_begun = true;
    loop->wakes += loop->is_asleep && !loop->lookout.is_awake;
    loop->lookout.has_found = true;
    loop->is_asleep = loop->is_woken = false;
    ab_time now = ab_loop_now(loop), due = ab_timers_next(&loop->timers);
    if (loop->armed <= now)
        loop->armed = AB_NEVER;
    if (due != AB_NEVER && now - due > STOOD && loop->ops.stood_still != NULL)
        loop->ops.stood_still(loop->owner, now - due);
}

static void run_tasks(ab_loop *loop) AB_LOCKED
{
    ab_list batch;
    ab_list_init(&batch);
    while (!ab_list_is_empty(&loop->tasks))
        ab_list_append(&batch, ab_list_take_first(&loop->tasks));
    for (ab_list *first; (first = ab_list_take_first(&batch)) != NULL;) {
        ab_task *task = AB_CONTAINER(first, ab_task, place);
        task->run(task);
    }
}

static void turn(ab_loop *loop) AB_LOCKED
{
    arm(loop);
    loop->has_turn_begun = false;
    loop->is_asleep = ab_list_is_empty(&loop->tasks);
    int flags = EVLOOP_ONCE | (loop->is_asleep ? 0 : EVLOOP_NONBLOCK);
    bool looks_out = loop->is_asleep && ab_lookout_is_worth_it(&loop->lookout);
    ab_lock_drop(&loop->lock);
    if (!looks_out || !ab_lookout_finds(&loop->lookout, loop->base))
        event_base_loop(loop->base, flags);
    ab_lock_take(&loop->lock);
    ab_loop_begin_turn(loop);
    ab_timers_run(&loop->timers, ab_loop_now(loop));
    run_tasks(loop);
    run_last(loop);
}

static void *run_loop(void *argument)
{
    ab_loop *loop = argument;
    loop_here = loop;
    pthread_setname_np(pthread_self(), "autobus");
    ab_lock_take(&loop->lock);
    while (!loop->is_stopping)
        turn(loop);
    loop->is_running = false;
    loop->is_over = true;
    bool is_mine = loop->is_ended_by_itself && !loop->is_joined;
    loop->is_joined = true;
    pthread_cond_broadcast(&loop->over);
    ab_lock_drop(&loop->lock);
    if (is_mine) {
        pthread_detach(pthread_self());
        if (loop->ops.ended != NULL)
            loop->ops.ended(loop->owner);
    }
    return NULL;
}

/* The thread inherits the mask: no signal of the program is ever handled on it. */
static int create_thread(ab_loop *loop)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&loop->thread, &attributes, run_loop, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

autobus_result ab_loop_start(ab_loop *loop)
{
    ab_lock_take(&loop->lock);
    loop->is_running = true;
    int error = create_thread(loop);
    loop->is_running = error == 0;
    ab_lock_drop(&loop->lock);
    return error == 0 ? AUTOBUS_OK : ab_fail_errno(error, "the bus thread cannot be started");
}

bool ab_loop_stop(ab_loop *loop)
{
    if (loop->fork_generation != ab_fork_generation())
        return false;
    ab_lock_take(&loop->lock);
    if (!loop->is_running) {
        ab_lock_drop(&loop->lock);
        return false;
    }
    loop->is_stopping = true;
    if (ab_loop_is_here(loop)) {
        loop->is_ended_by_itself = true;
        ab_lock_drop(&loop->lock);
        return true;
    }
    bool is_mine = !loop->is_joined;
    loop->is_joined = true;
    wake(loop);
    while (!loop->is_over)
        pthread_cond_wait(&loop->over, &loop->lock.mutex);
    ab_lock_drop(&loop->lock);
    if (is_mine)
        pthread_join(loop->thread, NULL);
    return false;
}
