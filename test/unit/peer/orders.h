/* SPDX-License-Identifier: MIT
 * Every order in which threads can come through the reader's role. A world of callers, the bus thread and the
 * other side takes one step at a time, each step being what happens under one taking of the lock; from each state
 * every possible next step is tried, until no state is new. The steps of callers are those of peer/reader.c
 * itself. */
#ifndef AUTOBUS_TEST_ORDERS_H
#define AUTOBUS_TEST_ORDERS_H

#include <stdbool.h>
#include <stddef.h>

/** A mistake that somebody might make. */
typedef enum orders_mutant {
    ORDERS_AS_IT_IS,
    ORDERS_NO_SIGNAL,  /**< the role is handed over, and nobody woken */
    ORDERS_KEEPS_ROLE, /**< who is late goes away without leaving */
    ORDERS_NO_REARM,   /**< given back, and the bus thread does not watch again */
    ORDERS_NO_DISARM,  /**< lent, and the bus thread watches still */
    ORDERS_STALE_READS, /**< the bus thread reads because it was told so before the connection was lent */
    ORDERS_EARLY_CLOSE /**< the fd is closed while somebody may be polling it */
} orders_mutant;

typedef struct orders {
    unsigned callers, calls; /**< each makes so many, one after the other */
    unsigned events;         /**< that the other side says in between */
    bool has_close;          /**< the connection is closed, at any time */
    bool has_garbage;        /**< the other side says something that makes the bus thread close */
    bool has_pause;          /**< reading is paused and resumed, at any time */
    bool has_cancel;         /**< a call may be over by other means, once, at any time */
    bool is_fresh;           /**< the bus thread has yet to make the connection ready to be lent */
    bool has_late;           /**< a call may be one that is given up soon */
    bool has_partial;        /**< the kernel may not take a question at once */
    orders_mutant mutant;
} orders;

/** Tries all. NULL: everything held; else what did not. *states: how many there were. */
const char *orders_try_all(const orders *wish, size_t *states);

#endif
