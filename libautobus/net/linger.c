/* SPDX-License-Identifier: MIT
 * Connections whose owners are gone. Knows no protocol; reads nothing of what it throws away. */
#include "net/linger.h"

#include <errno.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/list.h"

/* Bytes moved in either direction in one turn. */
#define TURN 65536

/* Nobody tells that the other side has taken what was sent: one looks, at first soon, then less often. */
#define FIRST_LOOK AB_MS(1)
#define NEXT_LOOK  AB_MS(32)

typedef struct ab_linger {
    ab_list place;
    ab_loop *loop;
    int fd;
    ab_watch watch;
    ab_timer patience;
    ab_task *news; /* to be posted when all has left; NULL: nobody waits for that */
    ab_timer look;
    ab_time pause; /* until the next look */
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

static bool is_unix_socket(int fd)
{
    int domain = 0;
    socklen_t length = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX;
}

/* All is sent, and the other side's kernel has it; so it has on a unix socket, where it lies for the other process to
 * read, whatever becomes of us. The end of a TCP connection counts as a byte. */
static bool has_left(const ab_linger *linger)
{
    int held = 0;
    return linger->is_said &&
           (is_unix_socket(linger->fd) || ioctl(linger->fd, SIOCOUTQ, &held) < 0 || held <= 1);
}

static void stop_following(ab_linger *linger) AB_LOCKED
{
    linger->news = NULL;
    ab_loop_timer_stop(linger->loop, &linger->look);
}

static void tell(ab_linger *linger) AB_LOCKED
{
    if (linger->news != NULL)
        ab_loop_post(linger->loop, linger->news);
    stop_following(linger);
}

static void look_later(ab_linger *linger) AB_LOCKED
{
    ab_loop_timer_start_in(linger->loop, &linger->look, linger->pause);
    linger->pause = AB_MIN(2 * linger->pause, NEXT_LOOK);
}

static void look(ab_timer *timer) AB_LOCKED
{
    ab_linger *linger = AB_CONTAINER(timer, ab_linger, look);
    if (has_left(linger))
        tell(linger);
    else
        look_later(linger);
}

static void end_linger(ab_linger *linger) AB_LOCKED
{
    tell(linger);
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
    ab_timer_init(&linger->look, look);
    ab_loop_timer_start_in(loop, &linger->patience, patience);
    lock_lingers();
    ab_list_append(&lingers, &linger->place);
    unlock_lingers();
    go_on(linger);
}

/* The next one of this loop; `after` NULL: the first. */
static ab_linger *next_of(ab_loop *loop, ab_linger *after)
{
    ab_linger *found = NULL;
    lock_lingers();
    ab_list *at = after != NULL ? after->place.next : lingers.next;
    for (; found == NULL && at != &lingers; at = at->next) {
        ab_linger *linger = AB_CONTAINER(at, ab_linger, place);
        if (linger->loop == loop)
            found = linger;
    }
    unlock_lingers();
    return found;
}

size_t ab_linger_count(ab_loop *loop)
{
    size_t count = 0;
    for (ab_linger *at = NULL; (at = next_of(loop, at)) != NULL;)
        count++;
    return count;
}

void ab_linger_follow(ab_loop *loop, ab_time patience, ab_task *news)
{
    for (ab_linger *at = NULL; (at = next_of(loop, at)) != NULL;) {
        if (has_left(at))
            continue;
        ab_loop_timer_start_in(loop, &at->patience, patience);
        at->news = news;
        at->pause = FIRST_LOOK;
        look_later(at);
    }
}

size_t ab_linger_followed(ab_loop *loop)
{
    size_t count = 0;
    for (ab_linger *at = NULL; (at = next_of(loop, at)) != NULL;)
        count += at->news != NULL;
    return count;
}

void ab_linger_abandon(ab_loop *loop)
{
    for (ab_linger *linger; (linger = next_of(loop, NULL)) != NULL;) {
        stop_following(linger);
        end_linger(linger);
    }
}
