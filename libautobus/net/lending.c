/* SPDX-License-Identifier: MIT
 * A stream that is lent to a thread that waits for an answer. What it reads without the lock goes into the input's free
 * room, which nobody else touches as long as it is lent; the number of its fd stays taken. */
#include "net/stream_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/error.h"

/* Microseconds that a borrower blocks in reading, at least; the kernel's ticks may make it some milliseconds more. */
#define BORROWED 2000

/* A borrower blocks in reading; everybody else says in each call that he does not. */
bool ab_stream_make_lendable(ab_stream *stream)
{
    const struct timeval most = {.tv_usec = BORROWED};
    int flags = fcntl(stream->fd, F_GETFL);
    return setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
           fcntl(stream->fd, F_SETFL, flags & ~O_NONBLOCK) == 0 && ab_watch_share(&stream->watch);
}

bool ab_stream_lend(ab_stream *stream)
{
    if (stream->fd < 0 || stream->is_connecting || stream->is_over || stream->is_broken ||
        stream->is_paused || (stream->has_news && !stream->is_deferred) || stream->is_lent)
        return false;
    if (!stream->watch.is_shared) {
        /* Asked for once: what cannot be shared stays with the bus thread. */
        if (!stream->is_wanted)
            ab_loop_post(stream->loop, &stream->task);
        stream->is_wanted = true;
        return false;
    }
    stream->calls++;
    stream->is_lent = true;
    ab_stream_watch(stream);
    return true;
}

int ab_stream_fd(const ab_stream *stream)
{
    return stream->fd;
}

/* A borrower's wait, which is without the lock, for what goes into the room. */
typedef struct wait_of {
    const ab_clock *clock;
    int fd;
    char *room;
} wait_of;

/* Without sleeping, but whoever wants the core gets it meanwhile. How long that took. */
static ab_time spin(const wait_of *it, ab_time most, ssize_t *length)
{
    ab_time begun = ab_clock_now(it->clock), took = 0;
    *length = -1;
    while (took <= most) {
        *length = recv(it->fd, it->room, AB_STREAM_PIECE, MSG_DONTWAIT);
        if (*length >= 0 || errno != EAGAIN)
            break;
        sched_yield();
        took = ab_clock_now(it->clock) - begun;
    }
    return took;
}

/* One system call in the common case. */
static ssize_t sleep_for_input(const wait_of *it, ab_time most, bool is_exact)
{
    struct pollfd wanted = {.fd = it->fd, .events = POLLIN};
    struct timespec time = {most / 1000000, (long)(most % 1000000) * 1000};
    if (is_exact)
        (void)ppoll(&wanted, 1, &time, NULL);
    return recv(it->fd, it->room, AB_STREAM_PIECE, is_exact ? MSG_DONTWAIT : 0);
}

void ab_stream_wait(ab_stream *stream, ab_time most, bool is_exact)
{
    ab_lock *lock = ab_loop_lock(stream->loop);
    wait_of it = {.clock = ab_loop_clock(stream->loop), .fd = stream->fd};
    if (it.fd < 0 || stream->has_news)
        return;
    it.room = ab_buffer_reserve(&stream->in, AB_STREAM_PIECE);
    ab_time spins = AB_MIN(ab_loop_spin(stream->loop), most), took = 0;
    bool is_spinning = spins > 0 && ab_patience_is_there(&stream->patience);
    ab_lock_drop(lock);
    ssize_t length = -1;
    if (is_spinning)
        took = spin(&it, spins, &length);
    bool has_found = length >= 0;
    if (!has_found && (!is_spinning || (errno == EAGAIN && took < most)))
        length = sleep_for_input(&it, most - took, is_exact);
    int error = length < 0 ? errno : 0;
    ab_lock_take(lock);
    if (is_spinning)
        ab_patience_note(&stream->patience, has_found, spins, took);
    stream->has_more = length == AB_STREAM_PIECE;
    if (stream->is_closed || error == EAGAIN || error == EINTR)
        return;
    if (length <= 0) {
        ab_stream_note_end(stream, error);
        return;
    }
    ab_buffer_wrote(&stream->in, (size_t)length);
    stream->has_heard = true;
    stream->has_news = true;
}

bool ab_stream_read(ab_stream *stream)
{
    if (stream->is_closed || stream->is_paused)
        return false;
    if (stream->has_more && !stream->is_over)
        (void)ab_stream_take_input(stream);
    if (stream->has_news)
        ab_stream_tell_received(stream);
    return !stream->is_over && !stream->is_paused && !stream->is_broken && !stream->has_news;
}

void ab_stream_defer(ab_stream *stream)
{
    stream->is_deferred = true;
}

void ab_stream_give_back(ab_stream *stream)
{
    stream->is_lent = stream->is_deferred = false;
    ab_close_fd(&stream->left_fd);
    if (!stream->is_closed) {
        if (stream->has_news || stream->is_over || stream->is_broken)
            ab_loop_post(stream->loop, &stream->task);
        ab_stream_watch(stream);
    }
    if (--stream->calls == 0 && stream->is_closed)
        ab_stream_destroy(stream);
}
