/* SPDX-License-Identifier: MIT
 * Watching file descriptors on the bus thread. */
#include "loop/loop.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/eventually.h"

/* One end of a pair of sockets, watched; everything it does it does on the bus thread. */
typedef struct ear {
    ab_watch watch;
    ab_task task;
    bool wants_read, wants_write, must_finish; /* what the task does */
    bool finishes_when_ready;
    atomic_int reads, writes, tasks;
} ear;

static ab_loop *loop;
static int near_end, far_end;
static ear it;

static void hear(ab_watch *watch, bool can_read, bool can_write)
{
    ear *self = AB_CONTAINER(watch, ear, watch);
    char bytes[64];
    cr_assert(ab_loop_is_here(loop));
    if (self->finishes_when_ready)
        ab_watch_fini(watch);
    if (can_read && read(near_end, bytes, sizeof bytes) >= 0)
        atomic_fetch_add(&self->reads, 1);
    if (can_write) {
        atomic_fetch_add(&self->writes, 1);
        if (!self->finishes_when_ready)
            ab_watch_want(watch, watch->wants_read, false);
    }
}

static void change(ab_task *task)
{
    ear *self = AB_CONTAINER(task, ear, task);
    if (self->must_finish)
        ab_watch_fini(&self->watch);
    else
        ab_watch_want(&self->watch, self->wants_read, self->wants_write);
    atomic_fetch_add(&self->tasks, 1);
}

static void lock(void) AB_ACQUIRE(ab_the_lock)
{
    ab_lock_take(ab_loop_lock(loop));
}

static void unlock(void) AB_RELEASE(ab_the_lock)
{
    ab_lock_drop(ab_loop_lock(loop));
}

/* Has the bus thread change what is watched, and waits until it has. */
static void want(bool read, bool write)
{
    int before = atomic_load(&it.tasks);
    lock();
    it.wants_read = read;
    it.wants_write = write;
    ab_loop_post(loop, &it.task);
    unlock();
    EVENTUALLY(atomic_load(&it.tasks) > before);
}

static void finish(void)
{
    it.must_finish = true;
    want(false, false);
}

static void set_up(void)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    near_end = ends[0];
    far_end = ends[1];
    memset(&it, 0, sizeof it);
    loop = ab_loop_new(NULL, NULL, NULL);
    lock();
    ab_watch_init(&it.watch, loop, near_end, hear);
    ab_task_init(&it.task, change);
    unlock();
    cr_assert_eq(ab_loop_start(loop), AUTOBUS_OK);
}

static void tear_down(void)
{
    ab_loop_stop(loop);
    lock();
    ab_watch_fini(&it.watch);
    unlock();
    ab_loop_free(loop);
    close(near_end);
    if (far_end >= 0)
        close(far_end);
}

static void send_byte(void)
{
    cr_assert_eq(write(far_end, "x", 1), 1);
}

TestSuite(watch, .init = set_up, .fini = tear_down);

Test(watch, tells_when_something_can_be_read)
{
    want(true, false);
    send_byte();
    EVENTUALLY(atomic_load(&it.reads) == 1);
    send_byte();
    EVENTUALLY(atomic_load(&it.reads) == 2);
    cr_assert_eq(atomic_load(&it.writes), 0);
}

Test(watch, tells_when_something_can_be_written)
{
    want(false, true);
    EVENTUALLY(atomic_load(&it.writes) == 1);
    want(false, true);
    EVENTUALLY(atomic_load(&it.writes) == 2);
    cr_assert_eq(atomic_load(&it.reads), 0);
}

Test(watch, tells_of_both)
{
    send_byte();
    want(true, true);
    EVENTUALLY(atomic_load(&it.reads) == 1 && atomic_load(&it.writes) == 1);
}

Test(watch, is_silent_when_nothing_is_wanted)
{
    send_byte();
    want(false, false);
    want(false, false);
    cr_assert_eq(atomic_load(&it.reads), 0);
    want(true, false);
    EVENTUALLY(atomic_load(&it.reads) == 1);
}

Test(watch, is_silent_again_when_nothing_more_is_wanted)
{
    want(true, false);
    want(false, false);
    send_byte();
    want(false, false);
    cr_assert_eq(atomic_load(&it.reads), 0);
}

Test(watch, tells_the_end_of_the_other_side_as_readable)
{
    want(true, false);
    close(far_end);
    far_end = -1;
    EVENTUALLY(atomic_load(&it.reads) > 0);
    want(false, false);
}

Test(watch, may_be_finished_while_it_tells)
{
    it.finishes_when_ready = true;
    send_byte();
    want(true, true);
    EVENTUALLY(atomic_load(&it.reads) + atomic_load(&it.writes) == 1);
    finish();
    cr_assert_eq(atomic_load(&it.reads) + atomic_load(&it.writes), 1);
}

Test(watch, may_be_finished_twice)
{
    want(true, true);
    finish();
    finish();
    cr_assert_null(it.watch.event);
}
