/* SPDX-License-Identifier: MIT
 * Sleeps on a condition of its own, so that a wake wakes one; or in reading. Without the lock nothing of the stream is
 * used but the number of its fd, which stays what it is until the stream is given back. */
#include "peer/reading.h"

#include <time.h>

#include "base/deadline.h"

/* A deadline further away than this may wait for the kernel's next tick. */
#define ROUGHLY AB_MS(20)

void ab_reading_init(ab_reading *reading, ab_lock *lock)
{
    *reading = (ab_reading){.lock = lock};
    ab_list_init(&reading->waiter.place);
    ab_deadline_init_cond(&reading->woken);
}

void ab_reading_fini(ab_reading *reading)
{
    pthread_cond_destroy(&reading->woken);
}

ab_time ab_reading_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (ab_time)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct timespec timespec_of(ab_time time)
{
    return (struct timespec){
        .tv_sec = (time_t)(time / 1000000),
        .tv_nsec = (long)(time % 1000000) * 1000,
    };
}

void ab_reading_wake(ab_reading *reading)
{
    pthread_cond_signal(&reading->woken);
}

void ab_reading_finish(ab_reading *reading)
{
    reading->waiter.is_done = true;
    ab_reading_wake(reading);
}

static void sleep_until(ab_reading *reading, ab_time until) AB_LOCKED
{
    struct timespec time = timespec_of(until);
    (void)pthread_cond_timedwait(&reading->woken, &reading->lock->mutex, &time);
}

static void read_until(const ab_reading *reading, ab_time turn, ab_time until) AB_LOCKED
{
    ab_time now = ab_reading_now();
    ab_stream_wait(reading->waiter.reader->connection, turn > now ? turn - now : 0,
                   until - now < ROUGHLY);
}

void ab_reading_wait(ab_reading *reading, ab_time until)
{
    ab_waiter *waiter = &reading->waiter;
    if (waiter->reader == NULL) {
        if (!waiter->is_done)
            sleep_until(reading, until);
        return;
    }
    for (;;) {
        ab_time late = until;
        switch (ab_reader_next(waiter, ab_reading_now(), &late)) {
        case AB_STEP_DONE:
        case AB_STEP_LATE: return;
        case AB_STEP_SLEEP: sleep_until(reading, late); break;
        case AB_STEP_POLL:
            read_until(reading, late, until);
            ab_reader_turn(waiter);
            break;
        }
    }
}

/* The stream. */

static bool lend(void *stream) AB_LOCKED
{
    return ab_stream_lend(stream);
}

static void give_back(void *stream) AB_LOCKED
{
    ab_stream_give_back(stream);
}

static bool read_turn(void *stream) AB_LOCKED
{
    return ab_stream_read(stream);
}

static void wake(void *stream, ab_waiter *waiter) AB_LOCKED
{
    (void)stream;
    ab_reading_wake(AB_CONTAINER(waiter, ab_reading, waiter));
}

static const ab_reader_ops stream_ops = {
    .lend = lend,
    .give_back = give_back,
    .read = read_turn,
    .wake = wake,
};

ab_reader *ab_reader_of_stream(ab_stream *stream)
{
    return ab_reader_new(&stream_ops, stream);
}
