/* SPDX-License-Identifier: MIT
 * The connections that come to us: who is let in, and when they have to go. What they say is session.c. */
#include "peer/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "peer/session.h"

/* Closing politely takes a descriptor for up to the patience, from hosts that may be rude on purpose. */
#define POLITE_PATIENCE AB_MS(1000)
#define POLITE_MOST     1024

/* Seconds: a host that vanished is noticed within 30, whether its connection is idle or not. */
enum {
    QUIET_BEFORE_ASKING = 10,
    BETWEEN_QUESTIONS = 5,
    QUESTIONS = 4,
    WITHOUT_AN_ANSWER = 30
};

void ab_peers_close_politely(ab_peers *peers, ab_stream *stream)
{
    ab_time now = ab_loop_now(peers->loop);
    if (now - peers->polite_since >= POLITE_PATIENCE) {
        peers->polite_since = now;
        peers->polite = 0;
    }
    if (peers->polite++ < peers->polite_most)
        ab_stream_close_gently(stream, POLITE_PATIENCE);
    else
        ab_stream_close(stream);
}

static ab_peer_host *enter_host(ab_peers *peers, const ab_address *peer)
{
    ab_address address = *peer;
    address.port = 0;
    ab_peer_host *host = ab_map_get(&peers->hosts, &address, sizeof address);
    if (host == NULL) {
        host = ab_alloc(1, sizeof *host);
        host->address = address;
        ab_map_put(&peers->hosts, &host->address, sizeof host->address, host);
    }
    host->unbound++;
    return host;
}

void ab_peers_leave_host(ab_peers *peers, ab_peer_host *host)
{
    if (--host->unbound > 0)
        return;
    ab_map_take(&peers->hosts, &host->address, sizeof host->address);
    free(host);
}

static void notice_a_vanished_host(int fd)
{
    int on = 1, quiet = QUIET_BEFORE_ASKING, between = BETWEEN_QUESTIONS, questions = QUESTIONS;
    unsigned unanswered = WITHOUT_AN_ANSWER * 1000;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &quiet, sizeof quiet);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &questions, sizeof questions);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
}

static void accepted(void *owner, int fd, const ab_address *peer) AB_LOCKED
{
    ab_peers *peers = owner;
    peers->accepted++;
    if (peers->count < peers->limits.max_inbound) {
        ab_peer_host *host = enter_host(peers, peer);
        if (host->unbound <= peers->limits.max_unbound_per_source) {
            notice_a_vanished_host(fd);
            ab_session_begin(peers, fd, host);
            return;
        }
        ab_peers_leave_host(peers, host);
    }
    peers->refused++;
    close(fd);
}

static void say_farewell(ab_task *task) AB_LOCKED
{
    ab_peers *peers = AB_CONTAINER(task, ab_peers, farewell);
    AB_LIST_FOR_SAFE (at, &peers->sessions) {
        ab_session *session = AB_CONTAINER(at, ab_session, place);
        if (session->is_doomed)
            ab_session_end(session, true);
    }
}

/* Whoever connects must not take the descriptors that the program needs for itself. */
static size_t descriptors_for_us(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    return (size_t)limit.rlim_cur / 2;
}

autobus_result ab_peers_new(ab_loop *loop, uint16_t port, uint64_t bus,
                            const ab_peer_limits *limits, const ab_peer_ops *ops, void *owner,
                            ab_peers **ret)
{
    ab_peers *peers = ab_alloc(1, sizeof *peers);
    peers->loop = loop;
    peers->bus = bus;
    peers->limits = *limits;
    peers->limits.max_inbound = AB_MIN(limits->max_inbound, descriptors_for_us());
    peers->polite_most = AB_MIN(POLITE_MOST, descriptors_for_us() / 2);
    peers->ops = ops;
    peers->owner = owner;
    ab_list_init(&peers->sessions);
    ab_map_init(&peers->hosts);
    ab_buffer_init(&peers->answers);
    ab_task_init(&peers->farewell, say_farewell);
    *ret = NULL;
    autobus_result result = ab_acceptor_open(loop, port, accepted, peers, &peers->acceptor);
    if (result == AUTOBUS_OK)
        *ret = peers;
    else
        free(peers);
    return result;
}

void ab_peers_free(ab_peers *peers)
{
    if (peers == NULL)
        return;
    ab_acceptor_close(peers->acceptor);
    ab_task_cancel(&peers->farewell);
    AB_LIST_FOR_SAFE (at, &peers->sessions)
        ab_session_end(AB_CONTAINER(at, ab_session, place), false);
    ab_task_cancel(&peers->farewell);
    ab_map_fini(&peers->hosts);
    ab_buffer_fini(&peers->answers);
    free(peers);
}

uint16_t ab_peers_port(const ab_peers *peers)
{
    return ab_acceptor_port(peers->acceptor);
}

void ab_peers_set_bus(ab_peers *peers, uint64_t bus)
{
    peers->bus = bus;
}

void ab_peers_close_context(ab_peers *peers, const void *context)
{
    AB_LIST_FOR (at, &peers->sessions) {
        ab_session *session = AB_CONTAINER(at, ab_session, place);
        if (session->context == context)
            ab_session_doom(session);
    }
}

uint64_t ab_peers_stat(const ab_peers *peers, autobus_stat which)
{
    switch (which) {
    case AUTOBUS_STAT_ACCEPTED: return peers->accepted;
    case AUTOBUS_STAT_REFUSED: return peers->refused;
    default: return 0;
    }
}
