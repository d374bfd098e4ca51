/* SPDX-License-Identifier: MIT
 * The connection, TCP or unix. Writes go to the kernel at once, those of the bus thread at the end of its turn, and
 * only what it does not take is queued; readiness to write is asked for only then. Knows no protocol and no limit: who
 * writes bounds what is queued. */
#include "net/stream_state.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/linger.h"

/* Bytes moved in either direction in one turn. */
#define TURN 65536
/* Who got so many in one turn may soon get more. */
#define MUCH 16384
/* An idle connection keeps no more for input. */
#define KEPT 16384

void ab_stream_watch(ab_stream *stream)
{
    if (stream->fd < 0)
        return;
    bool reads =
        !stream->is_connecting && !stream->is_over && !stream->is_paused && !stream->is_lent;
    bool has_output = ab_stream_pending(stream) > 0 && !stream->is_broken;
    ab_watch_want(&stream->watch, reads, stream->is_connecting || has_output);
}

void ab_stream_update_watch(ab_stream *stream)
{
    if (ab_loop_is_here(stream->loop) || stream->watch.is_shared)
        ab_stream_watch(stream);
    else
        ab_loop_post(stream->loop, &stream->task);
}

static void drop_output(ab_stream *stream)
{
    ab_buffer_consume(&stream->out, ab_buffer_length(&stream->out));
}

static void break_sending(ab_stream *stream, int error)
{
    stream->is_broken = true;
    if (stream->error == 0)
        stream->error = error;
    drop_output(stream);
}

/* How much went, as the kernel said. */
static size_t note_sent(ab_stream *stream, ssize_t sent) AB_LOCKED
{
    if (sent >= 0) {
        stream->sent += (size_t)sent;
        return (size_t)sent;
    }
    if (errno != EAGAIN) {
        break_sending(stream, errno);
        ab_loop_post(stream->loop, &stream->task);
    }
    return 0;
}

static size_t send_halves(ab_stream *stream, struct iovec *halves, unsigned messages) AB_LOCKED
{
    const struct msghdr message = {.msg_iov = halves, .msg_iovlen = 2UL * messages};
    ssize_t sent;
    do
        sent = sendmsg(stream->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return note_sent(stream, sent);
}

size_t ab_stream_send(ab_stream *stream, const char *bytes, size_t length)
{
    ssize_t sent;
    do
        sent = send(stream->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return note_sent(stream, sent);
}

static void send_queued(ab_stream *stream) AB_LOCKED
{
    size_t budget = TURN;
    while (ab_buffer_length(&stream->out) > 0 && budget > 0) {
        size_t length = AB_MIN(ab_buffer_length(&stream->out), budget);
        size_t sent = ab_stream_send(stream, ab_buffer_bytes(&stream->out), length);
        if (stream->is_broken)
            return;
        ab_buffer_consume(&stream->out, sent);
        budget -= sent;
        if (sent < length)
            return;
    }
    if (ab_buffer_length(&stream->out) == 0 && stream->ops->drained != NULL && !stream->is_told)
        stream->ops->drained(stream->owner);
}

void ab_stream_note_end(ab_stream *stream, int error)
{
    stream->is_over = true;
    if (stream->error == 0)
        stream->error = error;
}

/* One piece more. False: there was less than that. */
static bool take_piece(ab_stream *stream, size_t piece, size_t *budget) AB_LOCKED
{
    char *room = ab_buffer_reserve(&stream->in, piece);
    ssize_t length = recv(stream->fd, room, piece, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (length <= 0) {
        ab_stream_note_end(stream, length < 0 ? errno : 0);
        return false;
    }
    ab_buffer_wrote(&stream->in, (size_t)length);
    stream->has_heard = true;
    stream->has_news = true;
    *budget -= (size_t)length;
    return (size_t)length == piece;
}

/* The first piece of a turn: the largest, as long as there is a turn's worth each time; else a small one, or what there
 * is room for without asking for more. */
static size_t first_piece(const ab_stream *stream)
{
    const ab_buffer *in = &stream->in;
    size_t least = stream->is_flood ? TURN : AB_STREAM_PIECE;
    return AB_MIN((size_t)TURN, AB_MAX(in->capacity - in->end, least));
}

/* A piece that comes back filled asks for a larger one. */
bool ab_stream_take_input(ab_stream *stream)
{
    size_t budget = TURN, piece = first_piece(stream);
    bool is_more = true;
    while (is_more && budget > 0) {
        piece = AB_MIN(piece, budget);
        is_more = take_piece(stream, piece, &budget);
        piece *= 2;
    }
    stream->is_flood = is_more;
    return is_more;
}

void ab_stream_tell_received(ab_stream *stream)
{
    stream->has_news = stream->is_deferred = false;
    stream->ops->received(stream->owner, &stream->in);
    if (stream->is_closed)
        return;
    stream->has_news = stream->is_deferred;
    if (stream->is_deferred && !stream->is_lent)
        ab_loop_post(stream->loop, &stream->task);
    stream->has_rest = stream->is_paused && ab_buffer_length(&stream->in) > 0;
    if (ab_buffer_length(&stream->in) == 0 && stream->in.capacity > KEPT && !stream->is_flood)
        ab_buffer_fini(&stream->in);
}

static void tell_news(ab_stream *stream) AB_LOCKED
{
    if (stream->has_news && !stream->is_paused && !stream->is_deferred)
        ab_stream_tell_received(stream);
    if (stream->is_closed || !stream->is_over || stream->is_told || stream->is_deferred)
        return;
    /* A pause keeps input, and so the end behind it, from the owner; but not that writing is in vain. */
    if (stream->is_paused && !stream->is_broken)
        return;
    stream->is_told = true;
    stream->ops->ended(stream->owner, stream->error);
}

/* A dial to a port of this host that nobody listens on may meet itself, if the kernel chose that port. */
static bool has_met_itself(int fd, bool *ret_is_connected)
{
    struct sockaddr_storage here = {0}, there = {0};
    socklen_t here_length = sizeof here, there_length = sizeof there;
    *ret_is_connected = getpeername(fd, (struct sockaddr *)&there, &there_length) == 0;
    if (!*ret_is_connected || getsockname(fd, (struct sockaddr *)&here, &here_length) < 0)
        return false;
    ab_address a, b;
    return ab_address_from_sockaddr(&a, (struct sockaddr *)&here) &&
           ab_address_from_sockaddr(&b, (struct sockaddr *)&there) && ab_address_equal(&a, &b);
}

static void finish_connecting(ab_stream *stream) AB_LOCKED
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        error = errno;
    bool is_connected = false;
    if (error == 0 && has_met_itself(stream->fd, &is_connected))
        error = ECONNREFUSED;
    if (error == 0 && !is_connected)
        return;
    stream->is_connecting = false;
    if (error != 0) {
        break_sending(stream, error);
        ab_stream_note_end(stream, error);
        return;
    }
    if (stream->ops->connected != NULL)
        stream->ops->connected(stream->owner);
    if (!stream->is_closed && !stream->is_broken && ab_buffer_length(&stream->out) > 0)
        send_queued(stream);
}

void ab_stream_destroy(ab_stream *stream)
{
    ab_buffer_fini(&stream->in);
    ab_buffer_fini(&stream->out);
    free(stream);
}

static void enter(ab_stream *stream)
{
    stream->calls++;
}

/* Tells what is to be told, and forgets a stream that was closed meanwhile. */
static void leave(ab_stream *stream) AB_LOCKED
{
    if (!stream->is_closed && !stream->is_lent)
        tell_news(stream);
    if (!stream->is_closed)
        ab_stream_watch(stream);
    if (--stream->calls == 0 && stream->is_closed)
        ab_stream_destroy(stream);
}

/* Who reads faster than the other side writes would sleep, and be woken at its expense, for every few pieces. */
static void hear_more(ab_stream *stream) AB_LOCKED
{
    size_t before = ab_buffer_length(&stream->in);
    (void)ab_stream_take_input(stream);
    ab_loop_heard(stream->loop);
    if (ab_buffer_length(&stream->in) - before >= MUCH)
        ab_loop_expect_news(stream->loop);
    tell_news(stream);
}

static void stream_ready(ab_watch *watch, bool can_read, bool can_write) AB_LOCKED
{
    ab_stream *stream = AB_CONTAINER(watch, ab_stream, watch);
    enter(stream);
    if (stream->is_connecting) {
        finish_connecting(stream);
    } else {
        if (can_read && !stream->is_over && !stream->is_paused && !stream->is_lent &&
            !stream->is_deferred)
            hear_more(stream);
        if (can_write && !stream->is_closed && !stream->is_broken && ab_stream_pending(stream) > 0)
            send_queued(stream);
    }
    leave(stream);
}

static void run_task(ab_task *task) AB_LOCKED
{
    ab_stream *stream = AB_CONTAINER(task, ab_stream, task);
    enter(stream);
    stream->is_deferred = false;
    if (stream->is_wanted)
        stream->is_wanted = !ab_stream_make_lendable(stream);
    if (stream->is_broken && !stream->is_over && !stream->is_lent) {
        /* What the other side said before it went is still to be heard, a turn at a time. */
        if (!stream->is_paused && (stream->has_news || ab_stream_take_input(stream)))
            ab_loop_post(stream->loop, &stream->task);
        else
            ab_stream_note_end(stream, stream->error);
    }
    leave(stream);
}

static ab_stream *new_stream(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner)
{
    ab_stream *stream = ab_alloc(1, sizeof *stream);
    stream->loop = loop;
    stream->ops = ops;
    stream->owner = owner;
    stream->fd = fd;
    stream->left_fd = -1;
    ab_buffer_init(&stream->in);
    ab_buffer_init(&stream->out);
    ab_task_init(&stream->task, run_task);
    ab_stream_gathering_init(stream);
    if (fd >= 0) {
        int on = 1;
        stream->is_tcp = setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
        ab_watch_init(&stream->watch, loop, fd, stream_ready);
    }
    return stream;
}

ab_stream *ab_stream_adopt(ab_loop *loop, int fd, const ab_stream_ops *ops, void *owner)
{
    ab_stream *stream = new_stream(loop, fd, ops, owner);
    ab_stream_watch(stream);
    return stream;
}

ab_stream *ab_stream_dial(ab_loop *loop, const ab_address *to, const ab_stream_ops *ops,
                          void *owner)
{
    struct sockaddr_storage there;
    unsigned length = ab_address_to_sockaddr(to, &there);
    int fd = socket(there.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd < 0 ? errno : 0;
    ab_stream *stream = new_stream(loop, fd, ops, owner);
    if (error == 0 && connect(fd, (struct sockaddr *)&there, length) < 0)
        error = errno;
    if (error == 0 || error == EINPROGRESS || error == EINTR) {
        stream->is_connecting = true;
        ab_stream_watch(stream);
        return stream;
    }
    break_sending(stream, error);
    ab_stream_note_end(stream, error);
    ab_loop_post(loop, &stream->task);
    return stream;
}

static void write_now(ab_stream *stream, const char *bytes, size_t length) AB_LOCKED
{
    size_t sent = 0;
    if (!stream->is_connecting && ab_buffer_length(&stream->out) == 0)
        sent = ab_stream_send(stream, bytes, length);
    if (sent == length || stream->is_broken)
        return;
    bool was_empty = ab_buffer_length(&stream->out) == 0;
    ab_buffer_append(&stream->out, bytes + sent, length - sent);
    if (was_empty)
        ab_stream_update_watch(stream);
}

static bool is_writable(const ab_stream *stream, size_t length)
{
    return !stream->is_broken && !stream->is_closed && length > 0;
}

void ab_stream_write(ab_stream *stream, const void *bytes, size_t length)
{
    if (is_writable(stream, length) && !ab_stream_gather(stream, bytes, length))
        write_now(stream, bytes, length);
}

void ab_stream_write_soon(ab_stream *stream, const void *bytes, size_t length, ab_time *now)
{
    if (is_writable(stream, length) && !ab_stream_gather_rush(stream, bytes, length, now) &&
        !ab_stream_gather(stream, bytes, length))
        write_now(stream, bytes, length);
}

/* The rest of a message of which so much went. */
static void queue_rest(ab_stream *stream, const struct iovec halves[2], size_t sent) AB_LOCKED
{
    for (unsigned i = 0; i < 2; i++) {
        size_t gone = AB_MIN(sent, halves[i].iov_len);
        ab_buffer_append(&stream->out, (const char *)halves[i].iov_base + gone,
                         halves[i].iov_len - gone);
        sent -= gone;
    }
    ab_stream_update_watch(stream);
}

unsigned ab_stream_pour(ab_stream *stream, struct iovec *halves, unsigned messages)
{
    unsigned whole = 0;
    ab_stream_send_gathered(stream);
    if (!is_writable(stream, messages) || stream->is_connecting ||
        ab_buffer_length(&stream->out) > 0)
        return 0;
    size_t sent = send_halves(stream, halves, messages);
    for (size_t length; whole < messages; whole++, sent -= length) {
        length = halves[2 * whole].iov_len + halves[2 * whole + 1].iov_len;
        if (sent < length)
            break;
    }
    if (sent == 0)
        return whole;
    queue_rest(stream, halves + 2 * whole, sent);
    return whole + 1;
}

size_t ab_stream_pending(const ab_stream *stream)
{
    return stream->is_gathering ? 0 : ab_buffer_length(&stream->out);
}

void ab_stream_pause(ab_stream *stream, bool is_paused)
{
    if (stream->is_paused == is_paused || stream->is_closed)
        return;
    stream->is_paused = is_paused;
    if (!is_paused && stream->has_rest)
        stream->has_news = true;
    if (!is_paused && (stream->has_news || stream->is_over))
        ab_loop_post(stream->loop, &stream->task);
    else
        ab_stream_update_watch(stream);
}

/* The fd, no longer watched and the caller's to close; -1 if there is none. A borrower may be polling it: then its
 * number stays taken until the stream is given back, and the caller gets another. */
static int take_fd(ab_stream *stream) AB_LOCKED
{
    int fd = stream->fd;
    if (fd >= 0)
        ab_watch_fini(&stream->watch);
    stream->fd = -1;
    if (fd < 0 || !stream->is_lent)
        return fd;
    stream->left_fd = fd;
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void ab_stream_close(ab_stream *stream)
{
    if (stream == NULL || stream->is_closed)
        return;
    ab_stream_gathering_fini(stream);
    int fd = take_fd(stream);
    if (stream->left_fd >= 0 && !stream->is_left_open)
        (void)shutdown(stream->left_fd, SHUT_RDWR); /* the borrower wakes */
    ab_close_fd(&fd);
    ab_task_cancel(&stream->task);
    stream->is_closed = true;
    if (stream->calls == 0)
        ab_stream_destroy(stream);
}

void ab_stream_close_gently(ab_stream *stream, ab_time patience)
{
    if (stream == NULL || stream->is_closed)
        return;
    ab_stream_gathering_fini(stream);
    if (!stream->is_broken) {
        int fd = take_fd(stream);
        if (fd >= 0)
            ab_linger_start(stream->loop, fd, &stream->out, patience);
        stream->is_left_open = fd >= 0; /* a borrower that polls wakes by itself */
    }
    ab_stream_close(stream);
}
