/* SPDX-License-Identifier: MIT
 * The two ends of a connection under test. */
#include "unit/net/side.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/net/running.h"

static void side_connected(void *owner)
{
    side *here = owner;
    here->connected++;
    if (here->when_connected != NULL)
        here->when_connected(here);
}

static void side_received(void *owner, ab_buffer *in)
{
    side *here = owner;
    here->received++;
    if (!here->leaves_input) {
        ab_buffer_append(&here->heard, ab_buffer_bytes(in), ab_buffer_length(in));
        ab_buffer_consume(in, ab_buffer_length(in));
    }
    if (here->when_received != NULL)
        here->when_received(here);
}

static void side_ended(void *owner, int error)
{
    side *here = owner;
    here->ended++;
    here->error = error;
    if (here->when_ended != NULL)
        here->when_ended(here);
}

static void side_drained(void *owner)
{
    side *here = owner;
    here->drained++;
    if (here->when_drained != NULL)
        here->when_drained(here);
}

const ab_stream_ops side_ops = {
    .connected = side_connected,
    .received = side_received,
    .ended = side_ended,
    .drained = side_drained,
};

void side_init(side *at, ab_loop *loop)
{
    *at = (side){.loop = loop};
    ab_buffer_init(&at->heard);
}

void side_fini(side *at)
{
    ab_stream_close(at->stream);
    at->stream = NULL;
    ab_buffer_fini(&at->heard);
}

/* What the bus thread is asked to adopt or dial. */
typedef struct beginning {
    side *side;
    int fd;
    ab_address to;
} beginning;

static void adopt_on_bus(void *argument)
{
    beginning *now = argument;
    now->side->stream = ab_stream_adopt(now->side->loop, now->fd, &side_ops, now->side);
}

static void dial_on_bus(void *argument)
{
    beginning *now = argument;
    side *here = now->side;
    here->stream = ab_stream_dial(here->loop, &now->to, &side_ops, here);
    cr_assert_eq(here->connected + here->ended, 0, "nothing is told from inside the call");
}

int side_connect(side *at)
{
    uint16_t port;
    int listener = plain_listen(&port);
    int fd = plain_dial(port);
    int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    cr_assert_geq(accepted, 0);
    close(listener);
    running_do(at->loop, adopt_on_bus, &(beginning){.side = at, .fd = accepted});
    return fd;
}

int side_connect_near(side *at)
{
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    cr_assert_eq(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    running_do(at->loop, adopt_on_bus, &(beginning){.side = at, .fd = pair[0]});
    return pair[1];
}

void side_dial(side *at, const char *host, uint16_t port)
{
    beginning now = {.side = at};
    cr_assert(ab_address_parse(&now.to, host, port), "%s is no address", host);
    running_do(at->loop, dial_on_bus, &now);
}

int plain_listen(uint16_t *ret_port)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&here, length), 0);
    cr_assert_eq(listen(fd, 100), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&here, &length), 0);
    *ret_port = ntohs(here.sin_port);
    return fd;
}

int plain_dial(uint16_t port)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    return fd;
}

void plain_write(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);
        cr_assert_gt(sent, 0);
        at += sent;
        length -= (size_t)sent;
    }
}

bool plain_has_come(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    cr_assert(got == 1 || errno == EAGAIN);
    return got == 1;
}

void plain_expect(int fd, const char *text)
{
    char bytes[256] = "";
    cr_assert_lt(strlen(text), sizeof bytes);
    cr_assert_eq(recv(fd, bytes, strlen(text), MSG_WAITALL), (ssize_t)strlen(text));
    cr_expect_str_eq(bytes, text);
}

long plain_read_all(int fd, char *bytes, size_t room)
{
    long total = 0;
    char rest[65536];
    for (;;) {
        size_t kept = (size_t)total < room ? room - (size_t)total : 0;
        ssize_t length = kept > 0 ? read(fd, bytes + total, kept) : read(fd, rest, sizeof rest);
        if (length < 0)
            return -errno;
        if (length == 0)
            return total;
        total += length;
    }
}
