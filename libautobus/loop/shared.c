/* SPDX-License-Identifier: MIT
 * Shared watches: an epoll set of our own, itself one more fd in libevent's. libevent may be touched by the bus thread
 * alone, this set by anybody with the lock; so a thread that reads a connection by itself can say so without waking the
 * bus thread. Made when the first watch is shared. */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include <event2/event.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/inside.h"

#define BROKEN (EPOLLHUP | EPOLLERR)

/* EPOLLHUP and EPOLLERR come whatever is wanted: to who wants nothing, once. */
static uint32_t mask_of(bool read, bool write)
{
    uint32_t mask = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
    return mask != 0 ? mask : (uint32_t)EPOLLET;
}

static bool edit(ab_watch *watch, int operation, uint32_t mask)
{
    struct epoll_event event = {.events = mask};
    event.data.ptr = watch;
    if (epoll_ctl(watch->loop->shared_fd, operation, watch->fd, &event) == 0)
        return true;
    ab_log(AB_LOG_ERROR, "file descriptor %d cannot be watched by all threads", watch->fd);
    return false;
}

void ab_shared_want(ab_watch *watch, bool read, bool write)
{
    if (watch->wants_read != read || watch->wants_write != write)
        (void)edit(watch, EPOLL_CTL_MOD, mask_of(read, write));
    watch->wants_read = read;
    watch->wants_write = write;
}

/* Taken out by hand: a fork's child may hold the same connection, and then closing it does not. */
void ab_shared_fini(ab_watch *watch)
{
    ab_loop *loop = watch->loop;
    ab_lock_is_held(&loop->lock);
    (void)edit(watch, EPOLL_CTL_DEL, 0);
    for (size_t i = 0; i < AB_READY_MOST; i++)
        if (loop->ready[i] == watch)
            loop->ready[i] = NULL;
    watch->is_shared = watch->wants_read = watch->wants_write = false;
}

/* Under one taking of the lock, so that nobody finishes a watch between its being found and being noted. */
static size_t find_ready(ab_loop *loop, uint32_t events[AB_READY_MOST]) AB_LOCKED
{
    struct epoll_event found[AB_READY_MOST];
    int count = epoll_wait(loop->shared_fd, found, AB_READY_MOST, 0);
    for (int i = 0; i < count; i++) {
        loop->ready[i] = found[i].data.ptr;
        events[i] = found[i].events;
    }
    return count > 0 ? (size_t)count : 0;
}

static void look(evutil_socket_t fd, short what, void *argument)
{
    ab_loop *loop = argument;
    uint32_t events[AB_READY_MOST];
    (void)fd, (void)what;
    ab_lock_take(&loop->lock);
    ab_loop_begin_turn(loop);
    size_t count = find_ready(loop, events);
    for (size_t i = 0; i < count; i++) {
        ab_watch *watch = loop->ready[i];
        loop->ready[i] = NULL;
        if (watch != NULL)
            watch->ready(watch, (events[i] & (EPOLLIN | BROKEN)) != 0,
                         (events[i] & (EPOLLOUT | BROKEN)) != 0);
        if (i + 1 == count)
            break;
        /* Whoever waits for the lock gets it between two connections. */
        ab_lock_drop(&loop->lock);
        ab_lock_take(&loop->lock);
    }
    ab_lock_drop(&loop->lock);
}

static bool open_set(ab_loop *loop)
{
    if (loop->shared_event != NULL)
        return true;
    loop->shared_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->shared_fd < 0)
        return false;
    loop->shared_event = event_new(loop->base, loop->shared_fd, EV_READ | EV_PERSIST, look, loop);
    if (loop->shared_event != NULL && event_add(loop->shared_event, NULL) == 0)
        return true;
    ab_shared_close(loop);
    return false;
}

void ab_shared_close(ab_loop *loop)
{
    if (loop->shared_event != NULL)
        event_free(loop->shared_event);
    loop->shared_event = NULL;
    ab_close_fd(&loop->shared_fd);
}

bool ab_watch_share(ab_watch *watch)
{
    bool read = watch->wants_read, write = watch->wants_write;
    if (watch->is_shared)
        return true;
    if (!open_set(watch->loop) || !edit(watch, EPOLL_CTL_ADD, mask_of(read, write)))
        return false;
    ab_watch_want(watch, false, false);
    free(watch->event);
    watch->event = NULL;
    watch->is_shared = true;
    watch->wants_read = read;
    watch->wants_write = write;
    return true;
}
