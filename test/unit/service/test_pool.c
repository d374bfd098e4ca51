/* SPDX-License-Identifier: MIT
 * The workers: started when they are needed, never more than may be, gone when they are not needed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/error.h"
#include "service/pool.h"
#include "support/eventually.h"

/* A seat of its own, and what happened on it. */
typedef struct place {
    ab_seat seat;
    ab_pool *pool;
    atomic_int running, done, dropped, most;
    atomic_bool may_end, is_freed;
} place;

typedef struct chore {
    ab_job job;
    place *at;
} chore;

static void seat_freed(ab_seat *seat)
{
    place *at = AB_CONTAINER(seat, place, seat);
    ab_pool_free(at->pool);
    ab_loop_free(seat->loop);
    atomic_store(&at->is_freed, true);
}

static place *place_new(size_t workers, size_t queue, ab_time idle)
{
    place *at = ab_alloc(1, sizeof *at);

    ab_seat_init(&at->seat, seat_freed);
    at->seat.loop = ab_loop_new(NULL, NULL, NULL);
    at->seat.lock = ab_loop_lock(at->seat.loop);
    at->pool = ab_pool_new(&at->seat, workers, queue, idle);
    return at;
}

AB_UNCHECKED static void lock(place *at)
{
    ab_lock_take(at->seat.lock);
}

AB_UNCHECKED static void unlock(place *at)
{
    ab_lock_drop(at->seat.lock);
}

static void place_free(place *at)
{
    lock(at);
    ab_pool_close(at->pool);
    unlock(at);
    ab_pool_wait(at->pool);
    ab_seat_unref(&at->seat);
    cr_expect(atomic_load(&at->is_freed), "no worker holds the seat any more");
    free(at);
}

static void run(ab_job *job)
{
    chore *one = AB_CONTAINER(job, chore, job);
    place *at = one->at;
    int running = atomic_fetch_add(&at->running, 1) + 1, most = atomic_load(&at->most);

    cr_expect(ab_pool_is_inside(at->pool));
    while (running > most && !atomic_compare_exchange_weak(&at->most, &most, running))
        continue;
    while (!atomic_load(&at->may_end))
        eventually_wait_until_next_look();
    atomic_fetch_sub(&at->running, 1);
    atomic_fetch_add(&at->done, 1);
    free(one);
}

static void drop(ab_job *job)
{
    chore *one = AB_CONTAINER(job, chore, job);
    atomic_fetch_add(&one->at->dropped, 1);
    free(one);
}

static bool put(place *at, const void *group)
{
    chore *one = ab_alloc(1, sizeof *one);

    one->job = (ab_job){.group = group, .run = run, .drop = drop};
    one->at = at;
    lock(at);
    bool is_taken = ab_pool_put(at->pool, &one->job);
    unlock(at);
    if (!is_taken)
        free(one);
    return is_taken;
}

static int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    for (struct dirent *each; (each = readdir(tasks)) != NULL;) {
        char path[300], name[32] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", each->d_name);
        FILE *comm = fopen(path, "r");
        if (comm == NULL)
            continue;
        if (fgets(name, sizeof name, comm) != NULL && strcmp(name, "autobus-worker\n") == 0)
            count++;
        fclose(comm);
    }
    closedir(tasks);
    return count;
}

Test(pool, starts_no_more_workers_than_it_may)
{
    place *at = place_new(3, 100, AB_MS(10000));

    cr_expect_eq(threads(), 0);
    for (int i = 0; i < 10; i++)
        cr_expect(put(at, NULL));
    EVENTUALLY(atomic_load(&at->running) == 3);
    cr_expect_eq(threads(), 3);
    atomic_store(&at->may_end, true);
    EVENTUALLY(atomic_load(&at->done) == 10);
    cr_expect_eq(atomic_load(&at->most), 3);
    place_free(at);
    EVENTUALLY(threads() == 0);
}

Test(pool, uses_an_idle_worker_again)
{
    place *at = place_new(8, 100, AB_MS(10000));

    atomic_store(&at->may_end, true);
    for (int i = 1; i <= 20; i++) {
        cr_expect(put(at, NULL));
        EVENTUALLY(atomic_load(&at->done) == i);
    }
    cr_expect_leq(threads(), 3, "a worker may not be back in time, but is rarely so late");
    place_free(at);
}

Test(pool, ends_workers_that_have_had_nothing_to_do)
{
    place *at = place_new(4, 100, AB_MS(20));

    atomic_store(&at->may_end, true);
    for (int i = 0; i < 8; i++)
        cr_expect(put(at, NULL));
    EVENTUALLY(atomic_load(&at->done) == 8);
    EVENTUALLY(threads() == 0);
    cr_expect(put(at, NULL), "and starts others when they are needed again");
    EVENTUALLY(atomic_load(&at->done) == 9);
    place_free(at);
}

Test(pool, refuses_what_it_cannot_hold)
{
    place *at = place_new(1, 2, AB_MS(10000));

    cr_expect(put(at, NULL));
    EVENTUALLY(atomic_load(&at->running) == 1);
    cr_expect(put(at, NULL) && put(at, NULL));
    cr_expect_not(put(at, NULL));
    cr_expect_not_null(strstr(autobus_last_error(), "2 calls wait"), "%s", autobus_last_error());
    atomic_store(&at->may_end, true);
    EVENTUALLY(atomic_load(&at->done) == 3);
    place_free(at);
}

Test(pool, drops_what_waits_of_one_group_alone)
{
    place *at = place_new(1, 100, AB_MS(10000));
    int one, other;

    cr_expect(put(at, &one));
    EVENTUALLY(atomic_load(&at->running) == 1);
    cr_expect(put(at, &one) && put(at, &other) && put(at, &one));
    lock(at);
    ab_pool_drop(at->pool, &one);
    unlock(at);
    cr_expect_eq(atomic_load(&at->dropped), 2);
    atomic_store(&at->may_end, true);
    EVENTUALLY(atomic_load(&at->done) == 2);
    place_free(at);
}

Test(pool, that_closes_drops_what_waits_and_lets_finish_what_runs)
{
    place *at = place_new(1, 100, AB_MS(10000));

    cr_expect(put(at, NULL) && put(at, NULL));
    EVENTUALLY(atomic_load(&at->running) == 1);
    lock(at);
    ab_pool_close(at->pool);
    unlock(at);
    cr_expect_eq(atomic_load(&at->dropped), 1);
    cr_expect_not(put(at, NULL));
    atomic_store(&at->may_end, true);
    place_free(at);
}

Test(pool, may_be_freed_by_its_last_worker)
{
    place *at = place_new(2, 100, AB_MS(10000));

    cr_expect(put(at, NULL));
    EVENTUALLY(atomic_load(&at->running) == 1);
    lock(at);
    ab_pool_close(at->pool);
    unlock(at);
    ab_seat_unref(&at->seat);
    cr_expect_not(atomic_load(&at->is_freed));
    atomic_store(&at->may_end, true);
    EVENTUALLY(atomic_load(&at->is_freed));
    EVENTUALLY(threads() == 0);
    free(at);
}
