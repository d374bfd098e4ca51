/* SPDX-License-Identifier: MIT
 * Workers and their queue, under the bus lock. A worker that ends is joined by whoever comes next: another worker
 * that starts, or the end of the pool. */
#include "service/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/deadline.h"
#include "base/error.h"

typedef struct worker {
    ab_list place; /**< in the pool's over, once it has ended */
    ab_pool *pool;
    pthread_t thread;
} worker;

struct ab_pool {
    ab_seat *seat; /**< whose memory it is part of */
    size_t most, queue_most;
    ab_time idle_time;
    pthread_cond_t work;         /**< there is a job, or the pool is closed */
    pthread_cond_t ended;        /**< a worker has ended */
    ab_list queue AB_UNDER_LOCK; /**< of ab_job.place */
    ab_list over AB_UNDER_LOCK;  /**< of worker.place: to be joined */
    size_t queued AB_UNDER_LOCK, workers AB_UNDER_LOCK, idle AB_UNDER_LOCK;
    bool is_closed AB_UNDER_LOCK;
};

static _Thread_local const ab_pool *mine;

/* Nobody else knows it yet: no lock. */
ab_pool *ab_pool_new(ab_seat *seat, size_t most, size_t queue_most, ab_time idle) AB_UNCHECKED
{
    ab_pool *pool = ab_alloc(1, sizeof *pool);

    pool->seat = seat;
    pool->most = most;
    pool->queue_most = queue_most;
    pool->idle_time = idle;
    ab_deadline_init_cond(&pool->work);
    ab_deadline_init_cond(&pool->ended);
    ab_list_init(&pool->queue);
    ab_list_init(&pool->over);
    return pool;
}

/* The next job; NULL: this worker is not needed any more. */
static ab_job *next_job(ab_pool *pool) AB_LOCKED
{
    struct timespec until = ab_deadline_in(pool->idle_time);
    int error = 0;

    pool->idle++;
    while (ab_list_is_empty(&pool->queue) && !pool->is_closed && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&pool->work, &pool->seat->lock->mutex, &until);
    pool->idle--;
    ab_list *first = ab_list_take_first(&pool->queue);
    if (first == NULL)
        return NULL;
    pool->queued--;
    return AB_CONTAINER(first, ab_job, place);
}

static void *work(void *argument)
{
    worker *me = argument;
    ab_pool *pool = me->pool;
    ab_seat *seat = pool->seat;

    mine = pool;
    ab_lock_take(seat->lock);
    for (ab_job *job; (job = next_job(pool)) != NULL;) {
        ab_lock_drop(seat->lock);
        job->run(job);
        ab_lock_take(seat->lock);
    }
    pool->workers--;
    ab_list_append(&pool->over, &me->place);
    pthread_cond_broadcast(&pool->ended);
    ab_lock_drop(seat->lock);
    ab_seat_unref(seat);
    return NULL;
}

/* Whoever is on this list does nothing any more but return. */
static void join_all(ab_list *over)
{
    for (ab_list *each; (each = ab_list_take_first(over)) != NULL;) {
        worker *gone = AB_CONTAINER(each, worker, place);
        if (pthread_equal(gone->thread, pthread_self()))
            pthread_detach(gone->thread);
        else
            pthread_join(gone->thread, NULL);
        free(gone);
    }
}

static bool start_worker(ab_pool *pool) AB_LOCKED
{
    sigset_t all, before;
    worker *fresh = ab_alloc(1, sizeof *fresh);

    fresh->pool = pool;
    ab_list_init(&fresh->place);
    (void)ab_seat_ref(pool->seat);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&fresh->thread, NULL, work, fresh);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0) {
        pthread_setname_np(fresh->thread, "autobus-worker");
        pool->workers++;
        return true;
    }
    ab_fail_errno(error, "no thread for a worker beside the %zu there are", pool->workers);
    free(fresh);
    /* The caller works for the bus: this is not the last one. */
    ab_seat_unref(pool->seat);
    return false;
}

bool ab_pool_put(ab_pool *pool, ab_job *job)
{
    if (pool->is_closed) {
        ab_fail(AUTOBUS_CLOSED, "the bus is closed");
        return false;
    }
    if (pool->queued >= pool->queue_most) {
        ab_fail(AUTOBUS_BUSY, "%zu calls wait for a worker already", pool->queued);
        return false;
    }
    join_all(&pool->over);
    bool is_short = pool->queued >= pool->idle && pool->workers < pool->most;
    if (is_short && !start_worker(pool) && pool->workers == 0)
        return false;
    ab_list_append(&pool->queue, &job->place);
    pool->queued++;
    pthread_cond_signal(&pool->work);
    return true;
}

void ab_pool_drop(ab_pool *pool, const void *group)
{
    ab_list dropped;

    ab_list_init(&dropped);
    AB_LIST_FOR_SAFE (at, &pool->queue) {
        if (group != NULL && AB_CONTAINER(at, ab_job, place)->group != group)
            continue;
        ab_list_remove(at);
        ab_list_append(&dropped, at);
        pool->queued--;
    }
    for (ab_list *each; (each = ab_list_take_first(&dropped)) != NULL;) {
        ab_job *job = AB_CONTAINER(each, ab_job, place);
        job->drop(job);
    }
}

void ab_pool_close(ab_pool *pool)
{
    pool->is_closed = true;
    ab_pool_drop(pool, NULL);
    pthread_cond_broadcast(&pool->work);
}

void ab_pool_wait(ab_pool *pool)
{
    ab_list over;

    ab_list_init(&over);
    ab_lock_take(pool->seat->lock);
    while (pool->workers > 0)
        pthread_cond_wait(&pool->ended, &pool->seat->lock->mutex);
    for (ab_list *each; (each = ab_list_take_first(&pool->over)) != NULL;)
        ab_list_append(&over, each);
    ab_lock_drop(pool->seat->lock);
    join_all(&over);
}

bool ab_pool_is_inside(const ab_pool *pool)
{
    return mine == pool;
}

/* Nobody else knows it any more: no lock. */
void ab_pool_free(ab_pool *pool) AB_UNCHECKED
{
    if (pool == NULL)
        return;
    join_all(&pool->over);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->ended);
    free(pool);
}
