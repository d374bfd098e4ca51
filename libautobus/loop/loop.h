/* SPDX-License-Identifier: MIT
 * The bus thread: one libevent loop, the one lock, timers, and tasks from other threads. Knows no JSON and
 * no socket. libevent is touched by the bus thread alone.
 *
 * The lock guards all state of a bus. The bus thread holds it whenever it works and drops it only to sleep
 * and around user code; so does everybody else. Functions marked AB_LOCKED are called with it, and clang checks
 * that; of one called through a pointer the mark is what it may rely on. */
#ifndef AB_LOOP_LOOP_H
#define AB_LOOP_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <autobus/result.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/list.h"
#include "base/timer.h"

typedef struct AB_LOCKABLE ab_lock {
    pthread_mutex_t mutex;
} ab_lock;

/** clang 14 cannot name another member as a member's guard in C, so one name that is never defined stands
 *  for "the lock of the bus at hand". No function handles two buses. */
extern ab_lock ab_the_lock;
#define AB_UNDER_LOCK AB_GUARDED_BY(ab_the_lock)
#define AB_LOCKED     AB_REQUIRES(ab_the_lock)

void ab_lock_take(ab_lock *lock) AB_ACQUIRE(ab_the_lock);
void ab_lock_drop(ab_lock *lock) AB_RELEASE(ab_the_lock);
/** For functions that are called through a pointer, with the lock: tells the analysis so. */
static inline void ab_lock_is_held(const ab_lock *lock) AB_ASSERTS(ab_the_lock)
{
    (void)lock;
}

typedef struct ab_loop ab_loop;

/** What the owner of a loop hears from it; both on the bus thread. */
typedef struct ab_loop_ops {
    /** Called with the lock, before anything else of a turn: the loop should have run `gap` ago and did not
     *  (stopped, suspended, starved). Only for gaps over one second, and only where a timer was due. May be NULL. */
    void (*stood_still)(void *owner, ab_time gap);
    /** Called without the lock, as the thread's very last act, after ab_loop_stop() from inside a callback:
     *  the owner may free the loop and itself. May be NULL if that never happens. */
    void (*ended)(void *owner);
} ab_loop_ops;

/** Makes a loop; its thread does not run yet. `clock` NULL: the real one. NULL with a sentence on failure. */
ab_loop *ab_loop_new(const ab_clock *clock, const ab_loop_ops *ops, void *owner);
/** Before it starts: how long the thread looks for news before it sleeps, when it expects some; and `spin`, when it has
 *  heard any. 0: not at all, as if never called. */
void ab_loop_look_out(ab_loop *loop, ab_time most, ab_time spin);
/** What it was told. Any thread. */
ab_time ab_loop_spin(const ab_loop *loop);
/** Starts the thread (named "autobus", all signals blocked). */
autobus_result ab_loop_start(ab_loop *loop);
/** Ends the thread after the turn under way. Elsewhere it waits for that; on the bus thread it returns true
 *  at once, and `ended` comes when the callbacks have unwound. Call without the lock. */
bool ab_loop_stop(ab_loop *loop) AB_EXCLUDES(ab_the_lock);
/** Frees it; the thread has ended or never ran. In a fork's child: frees memory and closes fds only. */
void ab_loop_free(ab_loop *loop);

ab_lock *ab_loop_lock(ab_loop *loop) AB_MUST_USE;
/** Now, by the loop's clock. */
ab_time ab_loop_now(ab_loop *loop);
const ab_clock *ab_loop_clock(const ab_loop *loop);
/** True on the bus thread. */
bool ab_loop_is_here(const ab_loop *loop);
/** How often the thread woke. With the lock. */
uint64_t ab_loop_wakes(const ab_loop *loop) AB_LOCKED;

/** Timers, from any thread with the lock; they fire on the bus thread with the lock. A deadline in the past
 *  means now, AB_NEVER stops the timer. */
void ab_loop_timer_start(ab_loop *loop, ab_timer *timer, ab_time due) AB_LOCKED;
/** The same, so long from now. */
void ab_loop_timer_start_in(ab_loop *loop, ab_timer *timer, ab_time after) AB_LOCKED;
void ab_loop_timer_stop(ab_loop *loop, ab_timer *timer) AB_LOCKED;

/** Something for the bus thread to do soon, with the lock. Embedded in its owner. */
typedef struct ab_task ab_task;
struct ab_task {
    ab_list place;
    void (*run)(ab_task *task);
};
void ab_task_init(ab_task *task, void (*run)(ab_task *task));
/** From any thread, with the lock. Queued already: nothing more happens. Runs in order of posting. */
void ab_loop_post(ab_loop *loop, ab_task *task) AB_LOCKED;
/** In this turn of the bus thread a batch was sent, which may soon be answered, or much was read: more may come. */
void ab_loop_expect_news(ab_loop *loop) AB_LOCKED;
/** In this turn something was heard, on a connection, or may have been. */
void ab_loop_heard(ab_loop *loop) AB_LOCKED;
/** Whether ab_loop_post_last() may be called: from the bus thread, unless it is hurried. */
bool ab_loop_may_put_off(const ab_loop *loop) AB_LOCKED;
/** The same as ab_loop_post(), for the end of the turn we are in. */
void ab_loop_post_last(ab_loop *loop, ab_task *task) AB_LOCKED;
/** On the bus thread, around what may take long: runs now what was put off, and nothing is until it is hurried no more.
 *  Returns whether it was before. */
bool ab_loop_hurry(ab_loop *loop, bool is_hurried) AB_LOCKED;
/** It will not run after this. With the lock. */
void ab_task_cancel(ab_task *task) AB_LOCKED;

/** A file descriptor watched. Only on the bus thread, or before the thread runs; with the lock. Once it is shared, on
 *  any thread with the lock. */
typedef struct ab_watch ab_watch;
struct ab_watch {
    ab_loop *loop;
    int fd;
    bool wants_read, wants_write;
    bool is_shared;
    void *event; /**< libevent's; NULL: shared, or over */
    void (*ready)(ab_watch *watch, bool can_read, bool can_write);
};
/** Watches nothing yet. The fd stays the caller's. `ready` runs with the lock; it may finish the watch. */
void ab_watch_init(ab_watch *watch, ab_loop *loop, int fd,
                   void (*ready)(ab_watch *, bool can_read, bool can_write));
void ab_watch_want(ab_watch *watch, bool read, bool write) AB_LOCKED;
/** Moves it to a set of our own, which any thread may edit: what it wants may change on any thread from here on, and
 *  wakes nobody. Each of its wakes costs the bus thread one system call more. Of a shared watch that wants nothing,
 *  `ready` may still be called when the connection breaks. False: that cannot be had; it stays as it was. */
bool ab_watch_share(ab_watch *watch) AB_LOCKED;
/** Before the fd is closed. Safe twice. */
void ab_watch_fini(ab_watch *watch) AB_LOCKED;

#endif
