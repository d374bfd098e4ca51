/* SPDX-License-Identifier: MIT
 * What the kernel knows of a connection, and how it watches over it. Moves no bytes. */
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/stream_state.h"

/* Seconds of a guarded connection: its kernel asks after a while of silence, and gives up within 30 s. */
enum {
    QUIET_BEFORE_ASKING = 10,
    BETWEEN_QUESTIONS = 5,
    QUESTIONS = 4,
    DEAF = 30
};

/* A unix socket whose other end is closed, and not only one direction of it. */
static bool is_hung_up(int fd)
{
    struct pollfd ready = {.fd = fd};
    return poll(&ready, 1, 0) == 1 && (ready.revents & POLLHUP) != 0;
}

bool ab_stream_ask_kernel(const ab_stream *stream, ab_stream_acks *acks)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int held = 0;
    if (stream->fd < 0 || ioctl(stream->fd, SIOCOUTQ, &held) < 0)
        return false;
    if (stream->is_tcp && getsockopt(stream->fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        return false;
    acks->is_owing = info.tcpi_unacked > 0 || info.tcpi_probes > 0;
    acks->ago = AB_MS(info.tcpi_last_ack_recv);
    acks->is_gone = stream->is_tcp ? info.tcpi_state == TCP_CLOSE : is_hung_up(stream->fd);
    acks->in_flight = (size_t)held;
    acks->taken = stream->sent - AB_MIN(acks->in_flight, stream->sent);
    return true;
}

void ab_stream_guard(ab_stream *stream, bool is_guarded)
{
    int on = is_guarded, quiet = QUIET_BEFORE_ASKING, between = BETWEEN_QUESTIONS;
    int questions = QUESTIONS;
    unsigned deaf = is_guarded ? DEAF * 1000 : 0;
    if (!stream->is_tcp)
        return;
    setsockopt(stream->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(stream->fd, IPPROTO_TCP, TCP_KEEPIDLE, &quiet, sizeof quiet);
    setsockopt(stream->fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
    setsockopt(stream->fd, IPPROTO_TCP, TCP_KEEPCNT, &questions, sizeof questions);
    setsockopt(stream->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &deaf, sizeof deaf);
}
