/* SPDX-License-Identifier: MIT
 * Watching file descriptors. Knows libevent's events and takes the lock for whoever hears of them; knows
 * nothing of what is read. Reading and writing are an event each, so that turning one on or off costs one
 * system call. */
#include "loop/loop.h"

#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/inside.h"

typedef struct watch_events {
    struct event read, write;
} watch_events;

static void assert_here(ab_loop *loop) AB_LOCKED
{
    assert((!loop->is_running || ab_loop_is_here(loop)) && "watches belong to the bus thread");
    (void)loop;
}

/* The watch may be gone after this. */
static void tell(ab_watch *watch, bool can_read, bool can_write)
{
    ab_loop *loop = watch->loop;
    ab_lock_take(&loop->lock);
    ab_loop_begin_turn(loop);
    watch->ready(watch, can_read, can_write);
    ab_lock_drop(&loop->lock);
}

static void tell_readable(evutil_socket_t fd, short what, void *watch)
{
    (void)fd, (void)what;
    tell(watch, true, false);
}

static void tell_writable(evutil_socket_t fd, short what, void *watch)
{
    (void)fd, (void)what;
    tell(watch, false, true);
}

void ab_watch_init(ab_watch *watch, ab_loop *loop, int fd,
                   void (*ready)(ab_watch *, bool can_read, bool can_write))
{
    watch_events *events = ab_alloc(1, sizeof *events);
    *watch = (ab_watch){.loop = loop, .fd = fd, .event = events, .ready = ready};
    event_assign(&events->read, loop->base, fd, EV_READ | EV_PERSIST, tell_readable, watch);
    event_assign(&events->write, loop->base, fd, EV_WRITE | EV_PERSIST, tell_writable, watch);
}

static void set_event(struct event *event, bool on, int fd)
{
    int failed = on ? event_add(event, NULL) : event_del(event);
    if (failed != 0)
        ab_log(AB_LOG_ERROR, "file descriptor %d cannot be watched", fd);
}

void ab_watch_want(ab_watch *watch, bool read, bool write)
{
    ab_lock_is_held(&watch->loop->lock);
    if (watch->is_shared) {
        ab_shared_want(watch, read, write);
        return;
    }
    assert_here(watch->loop);
    watch_events *events = watch->event;
    if (watch->wants_read != read)
        set_event(&events->read, read, watch->fd);
    if (watch->wants_write != write)
        set_event(&events->write, write, watch->fd);
    watch->wants_read = read;
    watch->wants_write = write;
}

void ab_watch_fini(ab_watch *watch)
{
    if (watch->is_shared)
        ab_shared_fini(watch);
    if (watch->event == NULL)
        return;
    ab_watch_want(watch, false, false);
    free(watch->event);
    watch->event = NULL;
}
