/* SPDX-License-Identifier: MIT
 * A thread that waits for an answer, and reads the connection if that falls to it (reader.h): how it sleeps, and what
 * it does to the stream. With the lock, which is dropped only to sleep; any thread but the bus thread. */
#ifndef AB_PEER_READING_H
#define AB_PEER_READING_H

#include <pthread.h>

#include "net/stream.h"
#include "peer/reader.h"

typedef struct ab_reading {
    ab_waiter waiter;
    pthread_cond_t woken;
    ab_lock *lock;
} ab_reading;

void ab_reading_init(ab_reading *reading, ab_lock *lock);
/** Has left whatever it had joined. */
void ab_reading_fini(ab_reading *reading);
/** Microseconds, of CLOCK_MONOTONIC: the deadline of a caller does not count time suspended. */
ab_time ab_reading_now(void);
/** It has what it waits for. */
void ab_reading_finish(ab_reading *reading) AB_LOCKED;
/** Any thread: it is to look again. Costs no system call unless it sleeps. */
void ab_reading_wake(ab_reading *reading) AB_LOCKED;
/** Waits until it is done, is late, or was woken for something else. */
void ab_reading_wait(ab_reading *reading, ab_time until) AB_LOCKED;

/** Who reads this stream. Its waiters are ab_reading.waiter. */
ab_reader *ab_reader_of_stream(ab_stream *stream);

#endif
