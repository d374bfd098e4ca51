/* SPDX-License-Identifier: MIT
 * Shared watches: any thread changes what they want, and wakes nobody by it. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "support/eventually.h"

#define PAIRS 2

typedef struct ear {
    ab_watch watch;
    ab_task task; /* shares it */
    int near_end, far_end;
    bool is_shared; /* with the lock */
    bool finishes_all;
    atomic_int told;
} ear;

static ab_loop *loop;
static ear ears[PAIRS];

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

static void hear(ab_watch *watch, bool can_read, bool can_write)
{
    ear *self = AB_CONTAINER(watch, ear, watch);
    char bytes[64];
    (void)can_write;
    cr_assert(ab_loop_is_here(loop));
    if (can_read)
        (void)!read(self->near_end, bytes, sizeof bytes);
    atomic_fetch_add(&self->told, 1);
    for (size_t i = 0; i < PAIRS && self->finishes_all; i++)
        ab_watch_fini(&ears[i].watch);
}

static void share(ab_task *task)
{
    ear *self = AB_CONTAINER(task, ear, task);
    ab_watch_want(&self->watch, true, false);
    bool is_new = ab_watch_share(&self->watch);
    self->is_shared = is_new && ab_watch_share(&self->watch); /* twice is fine */
}

static bool is_shared(const ear *of)
{
    lock();
    bool is = of->is_shared;
    unlock();
    return is;
}

static void want(ear *of, bool read, bool write)
{
    lock();
    ab_watch_want(&of->watch, read, write);
    unlock();
}

static uint64_t wakes(void)
{
    lock();
    uint64_t count = ab_loop_wakes(loop);
    unlock();
    return count;
}

static void say(const ear *to)
{
    cr_assert_eq(write(to->far_end, "x", 1), 1);
}

static void set_up(void)
{
    loop = ab_loop_new(NULL, NULL, NULL);
    for (size_t i = 0; i < PAIRS; i++) {
        int ends[2];
        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        ears[i] = (ear){.near_end = ends[0], .far_end = ends[1]};
        lock();
        ab_watch_init(&ears[i].watch, loop, ends[0], hear);
        ab_task_init(&ears[i].task, share);
        ab_loop_post(loop, &ears[i].task);
        unlock();
    }
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
    for (size_t i = 0; i < PAIRS; i++)
        EVENTUALLY(is_shared(&ears[i]));
}

static void tear_down(void)
{
    ab_loop_stop(loop);
    for (size_t i = 0; i < PAIRS; i++) {
        lock();
        ab_watch_fini(&ears[i].watch);
        unlock();
        close(ears[i].near_end);
        close(ears[i].far_end);
    }
    ab_loop_free(loop);
}

TestSuite(shared, .init = set_up, .fini = tear_down);

Test(shared, tells_as_any_other_watch)
{
    say(&ears[0]);
    EVENTUALLY(atomic_load(&ears[0].told) == 1);
    say(&ears[1]);
    EVENTUALLY(atomic_load(&ears[1].told) == 1);
}

Test(shared, is_changed_on_any_thread_and_wakes_nobody)
{
    uint64_t before = wakes();
    for (int i = 0; i < 1000; i++) {
        want(&ears[0], false, false);
        say(&ears[0]);
        char byte;
        cr_assert_eq(read(ears[0].near_end, &byte, 1), 1);
        want(&ears[0], true, false);
    }
    cr_expect_leq(wakes() - before, 1, "the last of the bus thread's own making");
    cr_expect_eq(atomic_load(&ears[0].told), 0);
}

Test(shared, tells_at_once_what_came_while_it_was_not_wanted)
{
    want(&ears[0], false, false);
    say(&ears[0]);
    want(&ears[0], true, false);
    EVENTUALLY(atomic_load(&ears[0].told) == 1);
}

Test(shared, tells_when_something_can_be_written)
{
    want(&ears[0], true, true);
    EVENTUALLY(atomic_load(&ears[0].told) > 0);
    want(&ears[0], true, false);
}

Test(shared, an_end_that_nobody_wants_is_no_storm)
{
    want(&ears[0], false, false);
    uint64_t before = wakes();
    shutdown(ears[0].far_end, SHUT_RDWR);
    EVENTUALLY(atomic_load(&ears[0].told) == 1);
    say(&ears[1]);
    EVENTUALLY(atomic_load(&ears[1].told) == 1);
    cr_expect_lt(wakes() - before, 5);
    cr_expect_eq(atomic_load(&ears[0].told), 1);
}

Test(shared, may_be_finished_on_another_thread_and_is_told_no_more)
{
    lock();
    say(&ears[0]);
    ab_watch_fini(&ears[0].watch);
    ab_watch_fini(&ears[0].watch);
    unlock();
    say(&ears[1]);
    EVENTUALLY(atomic_load(&ears[1].told) == 1);
    cr_expect_eq(atomic_load(&ears[0].told), 0);
}

Test(shared, one_may_finish_another_that_is_to_be_told_next)
{
    lock();
    ears[0].finishes_all = ears[1].finishes_all = true;
    say(&ears[0]);
    say(&ears[1]);
    unlock();
    EVENTUALLY(atomic_load(&ears[0].told) + atomic_load(&ears[1].told) > 0);
    lock();
    cr_expect_eq(atomic_load(&ears[0].told) + atomic_load(&ears[1].told), 1);
    unlock();
}
