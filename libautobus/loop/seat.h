/* SPDX-License-Identifier: MIT
 * What all parts of a bus and everything that the program holds of it share, and may outlive it with: the lock,
 * the loop, the delivery queue, and whether it is closing. Whoever may be used after the bus is gone holds a
 * reference. Knows nothing of what a bus does. */
#ifndef AB_LOOP_SEAT_H
#define AB_LOOP_SEAT_H

#include <stdatomic.h>
#include <stdbool.h>

#include <autobus/result.h>

#include "loop/delivery.h"
#include "loop/loop.h"

typedef struct ab_seat ab_seat;
struct ab_seat {
    atomic_uint references;
    unsigned fork_generation;
    ab_lock *lock;
    ab_loop *loop;
    ab_deliveries *deliveries;     /**< has its own rules about the lock */
    bool is_closing AB_UNDER_LOCK; /**< every call but the destructors fails from here on */
    void (*free)(ab_seat *seat);   /**< the last reference is gone; without the lock */
};

/** One reference, for whoever makes it; the other members are the maker's to set. */
void ab_seat_init(ab_seat *seat, void (*free)(ab_seat *seat));
ab_seat *ab_seat_ref(ab_seat *seat);
/** The last one frees. Without the lock. */
void ab_seat_unref(ab_seat *seat);

/** Takes the lock for a public function. False with a sentence and *why: closed, or a fork's child. */
bool ab_seat_enter(ab_seat *seat, autobus_result *why) AB_TRY_ACQUIRE(true, ab_the_lock);
void ab_seat_leave(ab_seat *seat) AB_RELEASE(ab_the_lock);
/** True in a child of the process that made it: nothing of it may be touched. */
bool ab_seat_is_foreign(const ab_seat *seat);

#endif
