/* SPDX-License-Identifier: MIT
 * Worker threads for what takes its time: started when there is more to do than idle workers, ended when there was
 * nothing to do for a while. Knows jobs, not what they are. */
#ifndef AB_SERVICE_POOL_H
#define AB_SERVICE_POOL_H

#include <stdbool.h>

#include "base/list.h"
#include "loop/seat.h"

/** Embedded in its owner, who keeps it until run or drop. */
typedef struct ab_job ab_job;
struct ab_job {
    ab_list place;
    const void *group;         /**< for ab_pool_drop() */
    void (*run)(ab_job *job);  /**< on a worker, without the lock */
    void (*drop)(ab_job *job); /**< instead, with the lock */
};

typedef struct ab_pool ab_pool;

/** At most `most` workers and `queue_most` jobs that wait; a worker ends after `idle` without one. */
ab_pool *ab_pool_new(ab_seat *seat, size_t most, size_t queue_most, ab_time idle);
/** False with a sentence: it is full or closed, or no thread can be started; the job is not taken. */
bool ab_pool_put(ab_pool *pool, ab_job *job) AB_LOCKED;
/** Drops the waiting jobs of a group. */
void ab_pool_drop(ab_pool *pool, const void *group) AB_LOCKED;
/** Nothing more is taken, what waits is dropped, idle workers end. */
void ab_pool_close(ab_pool *pool) AB_LOCKED;
/** Returns when every worker of a closed pool has ended. Not on one of them. */
void ab_pool_wait(ab_pool *pool) AB_EXCLUDES(ab_the_lock);
/** True on one of its workers. */
bool ab_pool_is_inside(const ab_pool *pool);
/** With the last reference to the seat (each worker holds one): nobody is left. On the last worker too. */
void ab_pool_free(ab_pool *pool);

#endif
