/* SPDX-License-Identifier: MIT
 * The way out to user code: callbacks queue here and run one at a time, without the lock, on the bus thread
 * or, if the program asked for it, from its own loop by fd and dispatch.
 *
 * A target is somebody whose callbacks are delivered. Its free hook is the last touch: it runs when the
 * target is closed and no callback of it is queued or running. */
#ifndef AB_LOOP_DELIVERY_H
#define AB_LOOP_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "loop/loop.h"

typedef struct ab_deliveries ab_deliveries;

typedef struct ab_target ab_target;
typedef struct ab_delivery ab_delivery;
struct ab_delivery {
    ab_list place;
    ab_target *target;
    uint64_t order; /**< of being pushed, from 1 */
    /** With the lock, when its turn has come. False: not now, and it is queued no longer. May be NULL: true. */
    bool (*begin)(ab_delivery *delivery);
    /** Without the lock; frees the delivery itself, unless there is `end`. */
    void (*run)(ab_delivery *delivery);
    /** With the lock, after run. May be NULL. */
    void (*end)(ab_delivery *delivery);
    /** Instead of run, with the lock, when the target was closed before its turn; frees the delivery. */
    void (*drop)(ab_delivery *delivery);
    const char *name; /**< said in the log when the callback takes over a second; a literal */
};

struct ab_target {
    unsigned references; /**< the owner's one, and one for each delivery queued or running */
    bool is_closed;
    /** The program's function behind its callbacks, by which it is known whether they are quick; NULL: not known. */
    void (*code)(void);
    void (*free)(
        ab_target *target); /**< without the lock, any thread; not the deliveries themselves */
    /** With the lock, after free, for what is left of it then; on a thread that works for the bus. May be NULL. */
    void (*bury)(ab_target *target);
    ab_delivery
        farewell; /**< its last turn, after ab_target_retire(), if nothing of it is queued */
};

/** With `by_dispatch` they wait for ab_deliveries_dispatch(). NULL with a sentence on failure. */
ab_deliveries *ab_deliveries_new(ab_loop *loop, bool by_dispatch);
/** The bus is over: runs on this thread whatever still waits, however the bus was made. From here on what is
 *  pushed is dropped at once. Without the lock, when nobody runs any. */
void ab_deliveries_finish(ab_deliveries *deliveries) AB_EXCLUDES(ab_the_lock);
/** Drops what is queued. With the lock; nobody may be running one. */
void ab_deliveries_free(ab_deliveries *deliveries) AB_LOCKED;

void ab_target_init(ab_target *target, void (*free)(ab_target *target));
/** Queues one. With the lock, any thread. Dropped at once if the target is closed. */
void ab_deliveries_push(ab_deliveries *deliveries, ab_target *target, ab_delivery *delivery)
    AB_LOCKED;
/** No callback of it begins after this; those queued are dropped; gives up the owner's reference. Takes the
 *  lock itself: call without it, any thread, inside its own callback too. */
void ab_target_close(ab_deliveries *deliveries, ab_target *target) AB_EXCLUDES(ab_the_lock);
/** The same for those who hold the lock: its hook runs behind what is queued for it, which is dropped only if
 *  `is_dropping`; if nothing is, in a turn of its own. Once the deliveries are finished, the lock is dropped for the
 *  hook, here. */
void ab_target_retire(ab_deliveries *deliveries, ab_target *target, bool is_dropping) AB_LOCKED;

/** Readable while something waits (by_dispatch), else -1. */
int ab_deliveries_fd(const ab_deliveries *deliveries);
/** Runs what waits now; how many, or -1 with a sentence (recursion, or not by_dispatch). Without the lock. */
int ab_deliveries_dispatch(ab_deliveries *deliveries) AB_EXCLUDES(ab_the_lock);
/** Returns when everything queued before the call has run. Without the lock. AUTOBUS_WRONG_THREAD inside a
 *  callback. By dispatch it dispatches itself if nobody is. */
autobus_result ab_deliveries_sync(ab_deliveries *deliveries) AB_EXCLUDES(ab_the_lock);
/** True in a callback of this bus, on this thread. */
bool ab_deliveries_is_inside(const ab_deliveries *deliveries);

#endif
