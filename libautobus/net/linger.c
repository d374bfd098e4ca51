/* SPDX-License-Identifier: MIT
 * Connections whose owners are gone. Knows no protocol; reads nothing of what it throws away. */
#include "net/linger.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/list.h"

/* Bytes moved in either direction in one turn. */
#define TURN 65536

typedef struct ab_linger {
    ab_list place;
    ab_loop *loop;
    int fd;
    ab_watch watch;
    ab_timer patience;
    ab_buffer queued;
    bool is_said;   /* all is sent, and that it was all */
    bool is_heard;  /* the other side has closed its direction */
    bool is_broken; /* nothing more will arrive */
} ab_linger;

/* Guards `lingers`, which holds those of every bus of the process, each with a lock of its own. Held for a
 * few instructions, and nothing is called under it. */
static pthread_mutex_t lingers_lock = PTHREAD_MUTEX_INITIALIZER;
static ab_list lingers = {&lingers, &lingers}; /* of ab_linger.place */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void survive_forks(void);

static void lock_lingers(void)
{
    pthread_once(&once, survive_forks);
    pthread_mutex_lock(&lingers_lock);
}

static void unlock_lingers(void)
{
    pthread_mutex_unlock(&lingers_lock);
}

/* A fork's child may make a bus of its own: it must not inherit the lock taken by a thread that is not there. */
static void survive_forks(void)
{
    pthread_atfork(lock_lingers, unlock_lingers, unlock_lingers);
}

static void say_rest(ab_linger *linger)
{
    size_t budget = TURN;
    while (ab_buffer_length(&linger->queued) > 0 && budget > 0) {
        size_t length = AB_MIN(ab_buffer_length(&linger->queued), budget);
        ssize_t sent =
            send(linger->fd, ab_buffer_bytes(&linger->queued), length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            linger->is_broken = errno != EAGAIN;
            return;
        }
        ab_buffer_consume(&linger->queued, (size_t)sent);
        budget -= (size_t)sent;
    }
    if (ab_buffer_length(&linger->queued) == 0 && !linger->is_said) {
        linger->is_said = true;
        linger->is_broken = shutdown(linger->fd, SHUT_WR) < 0;
    }
}

static void throw_away_input(ab_linger *linger)
{
    char bytes[4096];
    for (size_t done = 0; done < TURN && !linger->is_heard && !linger->is_broken;
         done += sizeof bytes) {
        ssize_t length = recv(linger->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (length == 0)
            linger->is_heard = true;
        else if (length < 0 && errno == EAGAIN)
            return;
        else if (length < 0 && errno != EINTR)
            linger->is_broken = true;
    }
}

static void end_linger(ab_linger *linger) AB_LOCKED
{
    lock_lingers();
    ab_list_remove(&linger->place);
    unlock_lingers();
    ab_loop_timer_stop(linger->loop, &linger->patience);
    ab_watch_fini(&linger->watch);
    close(linger->fd);
    ab_buffer_fini(&linger->queued);
    free(linger);
}

static void go_on(ab_linger *linger) AB_LOCKED
{
    say_rest(linger);
    throw_away_input(linger);
    if (linger->is_broken || (linger->is_said && linger->is_heard))
        end_linger(linger);
    else
        ab_watch_want(&linger->watch, !linger->is_heard, !linger->is_said);
}

static void linger_ready(ab_watch *watch, bool can_read, bool can_write) AB_LOCKED
{
    (void)can_read;
    (void)can_write;
    go_on(AB_CONTAINER(watch, ab_linger, watch));
}

static void lose_patience(ab_timer *timer) AB_LOCKED
{
    ab_linger *linger = AB_CONTAINER(timer, ab_linger, patience);
    throw_away_input(linger);
    end_linger(linger);
}

void ab_linger_start(ab_loop *loop, int fd, ab_buffer *queued, ab_time patience)
{
    ab_linger *linger = ab_alloc(1, sizeof *linger);
    linger->loop = loop;
    linger->fd = fd;
    linger->queued = *queued;
    ab_buffer_init(queued);
    ab_watch_init(&linger->watch, loop, fd, linger_ready);
    ab_timer_init(&linger->patience, lose_patience);
    ab_loop_timer_start(loop, &linger->patience, ab_loop_now(loop) + patience);
    lock_lingers();
    ab_list_append(&lingers, &linger->place);
    unlock_lingers();
    go_on(linger);
}

size_t ab_linger_count(ab_loop *loop)
{
    size_t count = 0;
    lock_lingers();
    AB_LIST_FOR (at, &lingers)
        count += AB_CONTAINER(at, ab_linger, place)->loop == loop;
    unlock_lingers();
    return count;
}

static ab_linger *find_one(ab_loop *loop)
{
    ab_linger *found = NULL;
    lock_lingers();
    AB_LIST_FOR (at, &lingers) {
        ab_linger *linger = AB_CONTAINER(at, ab_linger, place);
        if (linger->loop == loop && found == NULL)
            found = linger;
    }
    unlock_lingers();
    return found;
}

void ab_linger_abandon(ab_loop *loop)
{
    ab_linger *linger;
    while ((linger = find_one(loop)) != NULL)
        end_linger(linger);
}
