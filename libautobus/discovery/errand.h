/* SPDX-License-Identifier: MIT
 * An errand: work that may block, such as asking a name server or D-Bus, done by a thread of its own so that
 * the bus never waits for it. Whoever sent it may walk away at any time; the thread then ends when it can and
 * cleans up after itself. It must not touch the bus: it leaves its news in itself and rings. */
#ifndef AB_DISCOVERY_ERRAND_H
#define AB_DISCOVERY_ERRAND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <autobus/result.h>

#include "base/clock.h"
#include "loop/loop.h"

/** Embedded in what it works on. The sender sets the three functions. */
typedef struct ab_errand ab_errand;
struct ab_errand {
    /** On the errand's thread, without the lock. */
    void (*run)(ab_errand *errand);
    /** After ab_errand_ring(), and once more when `run` has returned; on the bus thread with the lock. */
    void (*rung)(ab_errand *errand);
    /** The last touch, without a promise of thread or lock. */
    void (*free)(ab_errand *errand);

    /* Its own. */
    ab_watch watch; /**< the sender's side */
    int bell;       /**< eventfd; closed by the last one out */
    pthread_t thread;
    atomic_uint references; /**< one of the sender, one of the thread */
    atomic_bool is_over;    /**< `run` has returned */
};

/** Starts it; on the bus thread or before that runs. AUTOBUS_FAILED with a sentence, and it is freed. */
autobus_result ab_errand_start(ab_errand *errand, ab_loop *loop) AB_LOCKED;
/** From the errand's thread. */
void ab_errand_ring(ab_errand *errand);
static inline bool ab_errand_is_over(const ab_errand *errand)
{
    return atomic_load(&errand->is_over);
}
/** The sender lets go: `rung` is not called any more. Waits at most `patience` for the end of the thread, so
 *  that in the ordinary case nothing of it is left. On the bus thread, also inside `rung`, or after that has
 *  ended. */
void ab_errand_abandon(ab_errand *errand, ab_time patience) AB_LOCKED;

#endif
