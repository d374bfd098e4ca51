/* SPDX-License-Identifier: MIT
 * Who reads a connection: the bus thread, or one of the threads that wait for an answer on it. To wake another thread
 * costs a third of a round trip, so a thread that waits reads by itself, and the bus thread is not woken.
 *
 * The role changes hands under the lock alone. Whoever waits looks, under the lock and before each sleep,
 * whether it is done, late, or reads. Nobody but the reader gives the role away, and whoever leaves passes it
 * on: to somebody else who waits, whom it wakes, or to the bus thread, which watches the connection again from
 * then on and so hears what came meanwhile. One reads for AB_READER_TURN at most without being done, and then
 * leaves it to the bus thread: so a slow call costs no more than the wake of its thread, and quick ones beside
 * it cost what they always do.
 *
 * Pure: knows no bytes, no fd and no clock, and never sleeps; reading.h does. Everything with the lock. */
#ifndef AB_PEER_READER_H
#define AB_PEER_READER_H

#include <stdbool.h>

#include "base/list.h"
#include "loop/loop.h"

#define AB_READER_TURN AB_MS(2)

typedef struct ab_reader ab_reader;
typedef struct ab_waiter ab_waiter;

typedef struct ab_reader_ops {
    /** The bus thread reads it no more. False: not now. */
    bool (*lend)(void *connection);
    /** It does again. The connection may be gone after it. */
    void (*give_back)(void *connection);
    /** Hears everything that is there; threads whose answers are among it are done. False: the bus thread is to go
     *  on with it. */
    bool (*read)(void *connection);
    /** This one may sleep, and is to look again. */
    void (*wake)(void *connection, ab_waiter *waiter);
} ab_reader_ops;

struct ab_reader {
    const ab_reader_ops *ops;
    void *connection;
    ab_waiter *holder AB_UNDER_LOCK;   /**< who reads; NULL: the bus thread */
    ab_list waiters AB_UNDER_LOCK;     /**< of ab_waiter.place, oldest first */
    unsigned references AB_UNDER_LOCK; /**< the owner's, and one of each who waits */
    bool is_closed AB_UNDER_LOCK;
};

/** A thread that waits; on its stack, or in what it waits for. */
struct ab_waiter {
    bool is_done; /**< it has what it waits for; whoever sets it wakes it */

    /* reader.c's */
    ab_list place;
    ab_reader *reader;   /**< NULL: it has joined none */
    ab_time reads_until; /**< 0: it has not begun to read */
    bool is_patient;     /**< it has read for its time, and leaves that to others */
};

/** One reference, the owner's. */
ab_reader *ab_reader_new(const ab_reader_ops *ops, void *connection);
/** The owner closes its connection after this; gives up the owner's reference. Who reads gives it back all the same,
 *  later. NULL is fine. */
void ab_reader_close(ab_reader *reader) AB_LOCKED;

/** Waits on this connection from here on, and reads it if nobody else does. Best before the question is sent: then
 *  the bus thread does not wake for the answer. Not on the bus thread. */
void ab_reader_join(ab_reader *reader, ab_waiter *waiter) AB_LOCKED;

typedef enum ab_reader_step {
    AB_STEP_DONE,
    AB_STEP_LATE,
    AB_STEP_POLL, /**< wait for something to read, then ab_reader_turn() */
    AB_STEP_SLEEP /**< wait to be woken */
} ab_reader_step;

/** What a thread that has joined is to do now. *until is when it gives up; after it, how long to read or sleep. */
ab_reader_step ab_reader_next(ab_waiter *waiter, ab_time now, ab_time *until) AB_LOCKED;
/** After waiting for something to read, whatever that found. */
void ab_reader_turn(ab_waiter *waiter) AB_LOCKED;
/** After whatever end, done or not; passes the role on. Nothing happens if it has joined none. */
void ab_reader_leave(ab_waiter *waiter) AB_LOCKED;

#endif
