/* SPDX-License-Identifier: MIT
 * Listening and accepting. Knows nothing of what is said on a connection, and limits no number of them:
 * that is the owner's. */
#include "net/acceptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"

#define A_TURN         64
#define SHORTEST_PAUSE AB_MS(100)
#define LONGEST_PAUSE  AB_MS(1000)

struct ab_acceptor {
    ab_loop *loop;
    ab_watch watch;
    int fd;
    uint16_t port;
    ab_acceptor_fn *accepted;
    void *owner;
    ab_timer pausing;
    ab_time pause;     /* the last one; 0 while all is well */
    bool is_accepting; /* closing waits for the connection being handed over */
    bool is_closed;
};

static int listen_on(int family, uint16_t port, int *ret_fd)
{
    int fd =
        socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int on = 1, off = 0;
    ab_address any = {.family = (uint8_t)family, .port = port};
    struct sockaddr_storage here;
    unsigned length = ab_address_to_sockaddr(&any, &here);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (family == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) ||
        bind(fd, (struct sockaddr *)&here, length) < 0 || listen(fd, SOMAXCONN) < 0) {
        int error = errno;
        close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage here = {0};
    socklen_t length = sizeof here;
    ab_address address = {0};
    if (getsockname(fd, (struct sockaddr *)&here, &length) == 0)
        ab_address_from_sockaddr(&address, (struct sockaddr *)&here);
    return address.port;
}

/* What one more try cannot cure: descriptors or memory are short. The connections wait in the kernel. */
static void pause_accepting(ab_acceptor *acceptor, int error) AB_LOCKED
{
    acceptor->pause = AB_MIN(AB_MAX(acceptor->pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE);
    const char *why = strerror(error);
    if (acceptor->port != 0)
        ab_log(AB_LOG_WARNING, "can't accept connections on TCP port %u now (%s)",
               (unsigned)acceptor->port, why);
    else
        ab_log(AB_LOG_WARNING, "can't accept connections on the unix socket now (%s)", why);
    ab_watch_want(&acceptor->watch, false, false);
    ab_loop_timer_start_in(acceptor->loop, &acceptor->pausing, acceptor->pause);
}

static void end_pause(ab_timer *timer) AB_LOCKED
{
    ab_acceptor *acceptor = AB_CONTAINER(timer, ab_acceptor, pausing);
    ab_watch_want(&acceptor->watch, true, false);
}

/* accept tells also of errors that the waiting connection alone has met. */
static bool is_the_connections_own(int error)
{
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case ETIMEDOUT:
    case EPERM: return true;
    default: return false;
    }
}

/* False: no more for this turn. */
static bool accept_one(ab_acceptor *acceptor) AB_LOCKED
{
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof from;
    int fd = accept4(acceptor->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && is_the_connections_own(errno))
        return true;
    if (fd < 0) {
        if (errno != EAGAIN)
            pause_accepting(acceptor, errno);
        return false;
    }
    acceptor->pause = 0;
    ab_address peer;
    ab_address_from_sockaddr(&peer, (struct sockaddr *)&from);
    acceptor->accepted(acceptor->owner, fd, &peer);
    return true;
}

static void free_acceptor(ab_acceptor *acceptor)
{
    close(acceptor->fd);
    free(acceptor);
}

static void acceptor_ready(ab_watch *watch, bool can_read, bool can_write) AB_LOCKED
{
    (void)can_write;
    ab_acceptor *acceptor = AB_CONTAINER(watch, ab_acceptor, watch);
    if (!can_read)
        return;
    acceptor->is_accepting = true;
    for (int i = 0; i < A_TURN && !acceptor->is_closed; i++) {
        if (!accept_one(acceptor))
            break;
    }
    acceptor->is_accepting = false;
    if (acceptor->is_closed)
        free_acceptor(acceptor);
}

ab_acceptor *ab_acceptor_adopt(ab_loop *loop, int fd, ab_acceptor_fn *accepted, void *owner)
{
    ab_acceptor *acceptor = ab_alloc(1, sizeof *acceptor);
    acceptor->loop = loop;
    acceptor->fd = fd;
    acceptor->port = port_of(fd);
    acceptor->accepted = accepted;
    acceptor->owner = owner;
    ab_timer_init(&acceptor->pausing, end_pause);
    ab_watch_init(&acceptor->watch, loop, fd, acceptor_ready);
    ab_watch_want(&acceptor->watch, true, false);
    return acceptor;
}

autobus_result ab_acceptor_open(ab_loop *loop, uint16_t port, ab_acceptor_fn *accepted, void *owner,
                                ab_acceptor **ret)
{
    int fd = -1;
    int error = listen_on(6, port, &fd);
    if (error != 0 && error != EADDRINUSE)
        error = listen_on(4, port, &fd);
    if (error == EADDRINUSE)
        return ab_fail(AUTOBUS_IN_USE,
                       "TCP port %u is taken by another program: use another, or 0 for any",
                       (unsigned)port);
    if (error != 0)
        return ab_fail_errno(error, "can't accept connections on TCP port %u", (unsigned)port);

    *ret = ab_acceptor_adopt(loop, fd, accepted, owner);
    return AUTOBUS_OK;
}

void ab_acceptor_close(ab_acceptor *acceptor)
{
    if (acceptor == NULL || acceptor->is_closed)
        return;
    acceptor->is_closed = true;
    ab_loop_timer_stop(acceptor->loop, &acceptor->pausing);
    ab_watch_fini(&acceptor->watch);
    if (!acceptor->is_accepting)
        free_acceptor(acceptor);
}

uint16_t ab_acceptor_port(const ab_acceptor *acceptor)
{
    return acceptor->port;
}
