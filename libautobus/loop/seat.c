/* SPDX-License-Identifier: MIT
 * References, and the door through which every public function enters. */
#include "loop/seat.h"

#include "base/error.h"
#include "base/fork.h"

void ab_seat_init(ab_seat *seat, void (*free)(ab_seat *seat))
{
    atomic_init(&seat->references, 1);
    seat->fork_generation = ab_fork_generation();
    seat->free = free;
}

ab_seat *ab_seat_ref(ab_seat *seat)
{
    atomic_fetch_add(&seat->references, 1);
    return seat;
}

void ab_seat_unref(ab_seat *seat)
{
    if (atomic_fetch_sub(&seat->references, 1) == 1)
        seat->free(seat);
}

bool ab_seat_is_foreign(const ab_seat *seat)
{
    return seat->fork_generation != ab_fork_generation();
}

bool ab_seat_enter(ab_seat *seat, autobus_result *why)
{
    if (ab_seat_is_foreign(seat)) {
        *why = ab_fail(AUTOBUS_FORKED,
                       "this bus belongs to the parent process; make a new one after fork()");
        return false;
    }
    ab_lock_take(seat->lock);
    if (!seat->is_closing)
        return true;
    ab_lock_drop(seat->lock);
    *why = ab_fail(AUTOBUS_CLOSED, "the bus is closed");
    return false;
}

void ab_seat_leave(ab_seat *seat)
{
    ab_lock_drop(seat->lock);
}
