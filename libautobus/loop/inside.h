/* SPDX-License-Identifier: MIT
 * The inside of a loop, for the files of this folder alone. */
#ifndef AB_LOOP_INSIDE_H
#define AB_LOOP_INSIDE_H

#include "loop/loop.h"
#include "loop/patience.h"

struct event;
struct event_base;

#define AB_READY_MOST 32

/** lookout.c. The bus thread's alone. */
typedef struct ab_lookout {
    const ab_clock *clock;
    ab_time most,
        spin;    /**< how long it looks when it expects news, when it has heard any; 0: not */
    ab_time now; /**< how long this time */
    bool expects_news, has_heard; /**< since the turn that ends */
    bool is_awake;                /**< it looks, or has found something, and did not sleep */
    bool has_found;               /**< something to do, since the look began */
    ab_patience patience;
} ab_lookout;

struct ab_loop {
    ab_lock lock;
    const ab_clock *clock;
    ab_loop_ops ops;
    void *owner;
    unsigned fork_generation;
    pthread_t thread;
    pthread_cond_t over; /**< is_over has become true */

    /* The bus thread's alone, but for the two fds, which any thread may write to under the lock. */
    struct event_base *base;
    struct event *timer_event, *wake_event;
    struct event *shared_event; /**< of shared_fd; NULL: nothing was ever shared */
    int timer_fd; /**< the kernel's timer: unlike libevent's own it counts suspended time too */
    int wake_fd;
    int shared_fd; /**< an epoll set in libevent's: the shared watches; any thread edits it under the lock */

    ab_lookout lookout;

    ab_timers timers AB_UNDER_LOCK;
    ab_list tasks AB_UNDER_LOCK; /**< of ab_task.place */
    ab_list last AB_UNDER_LOCK;  /**< those that come at the end of the turn */
    ab_time armed AB_UNDER_LOCK; /**< the deadline that timer_fd is set to; AB_NEVER: none */
    uint64_t wakes AB_UNDER_LOCK;
    ab_watch *ready
        [AB_READY_MOST] AB_UNDER_LOCK; /**< shared ones to be told yet; NULL: finished meanwhile */
    bool is_running AB_UNDER_LOCK;     /**< the thread was started and is not over */
    bool is_joined AB_UNDER_LOCK;      /**< somebody joins the thread, or it looks after itself */
    bool is_stopping AB_UNDER_LOCK;
    bool is_over AB_UNDER_LOCK;
    bool
        is_ended_by_itself AB_UNDER_LOCK; /**< stopped on its own thread: `ended` is to be called */
    bool has_turn_begun AB_UNDER_LOCK;
    bool is_hurried AB_UNDER_LOCK; /**< nothing is put off: what runs now may take long */
    bool is_asleep AB_UNDER_LOCK;  /**< in epoll, or about to enter it, with nothing to do */
    bool is_woken AB_UNDER_LOCK;   /**< asleep, and wake_fd is written already */
};

/* shared.c: watches that any thread may edit. */
void ab_shared_want(ab_watch *watch, bool read, bool write) AB_LOCKED;
void ab_shared_fini(ab_watch *watch) AB_LOCKED;
/** When the thread is over. In a fork's child too: closes, and edits nothing. */
void ab_shared_close(ab_loop *loop);

/** Asked before each sleep: whether to look out first. */
bool ab_lookout_is_worth_it(ab_lookout *lookout);
/** Looks, without the lock, as a sleep would; whether something was there and has been told. */
bool ab_lookout_finds(ab_lookout *lookout, struct event_base *base);

/** The first call of a turn counts the wake and tells the owner if the loop stood still. */
void ab_loop_begin_turn(ab_loop *loop) AB_LOCKED;

#endif
