/* SPDX-License-Identifier: MIT
 * The connections that come to us: who is let in, and when they have to go. What they say is caller.c. */
#include "peer/peer.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/entrance.h"
#include "net/unix_socket.h"
#include "peer/caller.h"
#include "wire/usage.h"

/* Closing politely takes a descriptor for up to the patience, from hosts that may be rude on purpose. */
#define POLITE_PATIENCE AB_MS(1000)
#define POLITE_MOST     1024

void ab_peers_close_politely(ab_peers *peers, ab_stream *stream)
{
    ab_time now = ab_loop_now(peers->loop);
    if (now - peers->polite_since >= POLITE_PATIENCE) {
        peers->polite_since = now;
        peers->polite = 0;
    }
    /* When the bus ends all its connections do, each with something to say perhaps. */
    bool is_last = peers->seat->is_closing;
    if (peers->polite++ < (is_last ? peers->limits.max_inbound : peers->polite_most))
        ab_stream_close_gently(stream, POLITE_PATIENCE);
    else
        ab_stream_close(stream);
}

static ab_peer_host *enter_host(ab_peers *peers, const ab_peer_source *source)
{
    ab_peer_host *host = ab_map_get(&peers->hosts, source, sizeof *source);
    if (host == NULL) {
        host = ab_alloc(1, sizeof *host);
        host->source = *source;
        ab_map_put(&peers->hosts, &host->source, sizeof host->source, host);
    }
    host->connections++;
    host->unbound++;
    return host;
}

void ab_peers_settle_host(ab_peer_host *host)
{
    host->unbound--;
}

void ab_peers_leave_host(ab_peers *peers, ab_peer_host *host, bool was_bound)
{
    if (!was_bound)
        host->unbound--;
    if (--host->connections > 0)
        return;
    ab_map_take(&peers->hosts, &host->source, sizeof host->source);
    free(host);
}

/* Why this one more is too many; NULL: it is not. One other machine cannot keep all the others out; our own holds
 * whatever it wants to, for its programs are many. */
static const char *refusal(const ab_peers *peers, const ab_peer_host *host)
{
    size_t most = peers->limits.max_inbound;
    if (peers->count >= most)
        return "This bus has as many connections as it takes.";
    if (!ab_address_is_loopback(&host->source.address) && host->connections > AB_MAX(most / 2, 1))
        return "This bus has as many connections as it takes from one host.";
    if (host->unbound > peers->limits.max_unbound_per_source)
        return "Too many connections of your host have not bound yet.";
    return NULL;
}

const char *ab_peers_take_seat(ab_peers *peers, ab_peer_host *host)
{
    host->connections++;
    const char *why = refusal(peers, host);
    if (why == NULL) {
        peers->count++;
    } else {
        host->connections--;
        peers->refused++;
    }
    return why;
}

void ab_peers_leave_seat(ab_peers *peers, ab_peer_host *host)
{
    host->connections--;
    peers->count--;
}

static const ab_stream_ops deaf_ops = {0};

static void turn_away(ab_peers *peers, int fd, const char *why) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer line;
    ab_buffer_init(&line);
    ab_write_error_code(&line, (ab_value){0}, AUTOBUS_BUSY, why);
    ab_stream *stream = ab_stream_adopt(peers->loop, fd, &deaf_ops, NULL);
    ab_stream_write(stream, ab_buffer_bytes(&line), ab_buffer_length(&line));
    ab_peers_close_politely(peers, stream);
}

static void let_in(ab_peers *peers, int fd, const ab_peer_source *source) AB_LOCKED
{
    ab_peer_host *host = enter_host(peers, source);
    const char *why = refusal(peers, host);
    if (why == NULL) {
        ab_caller_begin(peers, fd, host);
        return;
    }
    ab_peers_leave_host(peers, host, false);
    peers->refused++;
    turn_away(peers, fd, why);
}

static void accepted_near(void *owner, int fd, const ab_address *peer) AB_LOCKED
{
    ab_peers *peers = owner;
    ab_peer_source source = {.address = ab_address_v4(INADDR_LOOPBACK, 0)};
    (void)peer;
    peers->accepted++;
    if (!ab_unix_socket_is_trusted(fd, &source.process)) {
        peers->refused++;
        close(fd);
        return;
    }
    peers->accepted_near++;
    let_in(peers, fd, &source);
}

static void close_near(ab_peers *peers) AB_LOCKED
{
    if (peers->near == NULL)
        return;
    ab_unix_socket_remove(peers->folder, peers->bus);
    ab_acceptor_close(peers->near);
    peers->near = NULL;
}

static void open_near(ab_peers *peers) AB_LOCKED
{
    int fd = peers->folder != NULL ? ab_unix_socket_listen(peers->folder, peers->bus) : -1;
    if (fd >= 0)
        peers->near = ab_acceptor_adopt(peers->loop, fd, accepted_near, peers);
}

/* The folder may be cleared under us, as when its user has logged out everywhere and comes back. The next one of this
 * machine who has to come by TCP makes us look. */
static void mend_near(ab_peers *peers) AB_LOCKED
{
    if (peers->folder == NULL ||
        (peers->near != NULL && ab_unix_socket_is_there(peers->folder, peers->bus)))
        return;
    close_near(peers);
    open_near(peers);
}

/* Reset, so that it looks to everybody like what it is: a port that does not want them. */
static void shut_out(ab_peers *peers, int fd)
{
    struct linger reset = {.l_onoff = 1};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    peers->refused++;
    close(fd);
}

static void accepted(void *owner, int fd, const ab_address *peer) AB_LOCKED
{
    ab_peers *peers = owner;
    ab_peer_source source = {.address = *peer};
    source.address.port = 0;
    peers->accepted++;
    if (ab_address_is_loopback(peer)) {
        mend_near(peers);
    } else if (!ab_entrance_is_chosen(&peers->chosen, fd)) {
        shut_out(peers, fd);
        return;
    }
    let_in(peers, fd, &source);
}

void ab_peers_listen_near(ab_peers *peers, const char *folder)
{
    peers->folder = folder;
    ab_unix_socket_sweep(folder);
    open_near(peers);
}

void ab_peers_choose(ab_peers *peers, const char *interfaces)
{
    ab_globs_init(&peers->chosen, interfaces);
}

/* Whoever connects must not take the descriptors that the program needs for itself. */
static size_t descriptors_for_us(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    return (size_t)limit.rlim_cur / 2;
}

autobus_result ab_peers_new(ab_seat *seat, uint16_t port, uint64_t bus,
                            const ab_peer_limits *limits, const ab_peer_ops *ops, void *owner,
                            ab_peers **ret)
{
    ab_peers *peers = ab_alloc(1, sizeof *peers);
    peers->seat = seat;
    peers->loop = seat->loop;
    peers->bus = bus;
    peers->limits = *limits;
    peers->limits.max_inbound = AB_MIN(limits->max_inbound, descriptors_for_us());
    peers->polite_most = AB_MIN(POLITE_MOST, descriptors_for_us() / 2);
    peers->ops = ops;
    peers->owner = owner;
    ab_list_init(&peers->callers);
    ab_map_init(&peers->hosts);
    ab_buffer_init(&peers->answers);
    ab_buffer_init(&peers->room);
    *ret = NULL;
    autobus_result result = ab_acceptor_open(seat->loop, port, accepted, peers, &peers->acceptor);
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
    close_near(peers);
    ab_acceptor_close(peers->acceptor);
    AB_LIST_FOR_SAFE (at, &peers->callers)
        ab_caller_end(AB_CONTAINER(at, ab_caller, place), false);
    ab_map_fini(&peers->hosts);
    ab_buffer_fini(&peers->answers);
    ab_buffer_fini(&peers->room);
    ab_globs_fini(&peers->chosen);
    free(peers);
}

uint16_t ab_peers_port(const ab_peers *peers)
{
    return ab_acceptor_port(peers->acceptor);
}

void ab_peers_set_bus(ab_peers *peers, uint64_t bus)
{
    close_near(peers);
    peers->bus = bus;
    open_near(peers);
}

uint64_t ab_peers_stat(const ab_peers *peers, autobus_stat which)
{
    switch (which) {
    case AUTOBUS_STAT_ACCEPTED: return peers->accepted;
    case AUTOBUS_STAT_ACCEPTED_UNIX: return peers->accepted_near;
    case AUTOBUS_STAT_REFUSED: return peers->refused;
    default: return 0;
    }
}
