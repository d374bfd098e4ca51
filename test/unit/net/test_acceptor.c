/* SPDX-License-Identifier: MIT
 * The acceptor with plain blocking clients on loopback. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/acceptor.h"
#include "support/own_network.h"
#include "unit/net/running.h"

#define MOST 200

static ab_loop *loop;
static ab_acceptor *acceptor;

/* What was accepted; with the lock. */
static int fds[MOST];
static ab_address peers[MOST];
static int count;

static void keep(void *owner, int fd, const ab_address *peer)
{
    (void)owner;
    cr_assert_lt(count, MOST);
    fds[count] = fd;
    peers[count++] = *peer;
}

static void open_on_bus(void *port)
{
    autobus_result result = ab_acceptor_open(loop, *(uint16_t *)port, keep, NULL, &acceptor);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

static void close_on_bus(void *argument)
{
    (void)argument;
    ab_acceptor_close(acceptor);
    acceptor = NULL;
}

static void begin(void)
{
    acceptor = NULL;
    count = 0;
    loop = running_new();
}

static void end(void)
{
    if (loop != NULL)
        running_end(loop, close_on_bus, NULL);
    loop = NULL;
    for (int i = 0; i < count; i++)
        close(fds[i]);
    own_network_leave();
}

TestSuite(acceptor, .init = begin, .fini = end);

static uint16_t open_acceptor(uint16_t port)
{
    running_do(loop, open_on_bus, &port);
    return ab_acceptor_port(acceptor);
}

/* A connected socket, or -1. */
static int dial(const char *host, uint16_t port)
{
    ab_address address;
    struct sockaddr_storage there;
    cr_assert(ab_address_parse(&address, host, port));
    unsigned length = ab_address_to_sockaddr(&address, &there);
    int fd = socket(there.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&there, length) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool has_accepted(const void *wanted)
{
    return count >= *(const int *)wanted;
}

static void await_accepted(int wanted)
{
    cr_assert(running_until(loop, has_accepted, &wanted), "%d of %d accepted", count, wanted);
}

Test(acceptor, takes_ipv4_and_names_its_family_4)
{
    uint16_t port = open_acceptor(0);
    cr_assert_neq(port, 0);
    int fd = dial("127.0.0.1", port);
    cr_assert_geq(fd, 0);
    await_accepted(1);
    char text[AB_ADDRESS_TEXT];
    cr_expect_str_eq(ab_address_host(&peers[0], text), "127.0.0.1");
    cr_expect_eq(peers[0].family, 4);
    cr_expect_neq(peers[0].port, 0);
    close(fd);
}

Test(acceptor, takes_ipv6_too)
{
    uint16_t port = open_acceptor(0);
    int fd = dial("::1", port);
    if (fd < 0)
        cr_skip_test("no IPv6 here");
    await_accepted(1);
    cr_expect_eq(peers[0].family, 6);
    cr_expect(ab_address_is_loopback(&peers[0]));
    close(fd);
}

Test(acceptor, hands_over_fds_that_neither_block_nor_are_inherited)
{
    int fd = dial("127.0.0.1", open_acceptor(0));
    await_accepted(1);
    cr_expect(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
    cr_expect(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    close(fd);
}

Test(acceptor, takes_all_of_a_crowd)
{
    uint16_t port = open_acceptor(0);
    int crowd[150];
    for (int i = 0; i < 150; i++) {
        crowd[i] = dial("127.0.0.1", port);
        cr_assert_geq(crowd[i], 0);
    }
    await_accepted(150);
    for (int i = 0; i < 150; i++)
        close(crowd[i]);
}

static void open_again_on_bus(void *port)
{
    ab_acceptor *second = NULL;
    autobus_result result = ab_acceptor_open(loop, *(uint16_t *)port, keep, NULL, &second);
    cr_expect_eq(result, AUTOBUS_IN_USE);
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)*(uint16_t *)port);
    cr_expect_not_null(strstr(autobus_last_error(), text), "%s", autobus_last_error());
    cr_expect_null(second);
}

Test(acceptor, a_port_in_use_is_named)
{
    uint16_t port = open_acceptor(0);
    running_do(loop, open_again_on_bus, &port);
}

Test(acceptor, can_listen_again_at_once_after_a_restart)
{
    uint16_t port = open_acceptor(0);
    int fd = dial("127.0.0.1", port);
    await_accepted(1);
    /* Who closes first keeps the port in TIME_WAIT. */
    close(fds[0]);
    count = 0;
    char byte;
    cr_assert_eq(read(fd, &byte, 1), 0);
    close(fd);
    running_do(loop, close_on_bus, NULL);
    cr_assert_eq(open_acceptor(port), port);
}

static bool is_over(const void *moment)
{
    return running_seconds() > *(const double *)moment;
}

Test(acceptor, pauses_without_descriptors_and_goes_on_with_them)
{
    uint16_t port = open_acceptor(0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rlimit was;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = was.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    running_lock(loop);
    uint64_t wakes = ab_loop_wakes(loop);
    running_unlock(loop);

    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_expect_eq(connect(fd, (struct sockaddr *)&there, sizeof there), 0);
    double end_of_watch = running_seconds() + 0.5;
    running_until(NULL, is_over, &end_of_watch);
    running_lock(loop);
    cr_expect_eq(count, 0);
    cr_expect_lt(ab_loop_wakes(loop) - wakes, 12, "it spins");
    running_unlock(loop);

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
    await_accepted(1);
    close(fd);
}

static void close_at_once(void *owner, int fd, const ab_address *peer)
{
    keep(owner, fd, peer);
    close_on_bus(NULL);
}

static void open_to_close_on_bus(void *port)
{
    cr_assert_eq(ab_acceptor_open(loop, 0, close_at_once, NULL, &acceptor), AUTOBUS_OK);
    *(uint16_t *)port = ab_acceptor_port(acceptor);
}

Test(acceptor, can_be_closed_when_it_hands_over)
{
    uint16_t port = 0;
    running_do(loop, open_to_close_on_bus, &port);
    int fd = dial("127.0.0.1", port);
    await_accepted(1);
    cr_expect_null(acceptor);
    cr_expect_eq(dial("127.0.0.1", port), -1);
    close(fd);
}

Test(acceptor, listens_where_ipv6_is_switched_off)
{
    running_end(loop, NULL, NULL);
    loop = NULL;
    own_network_enter();
    own_network_without_ipv6();
    loop = running_new();
    int fd = dial("127.0.0.1", open_acceptor(0));
    cr_assert_geq(fd, 0);
    await_accepted(1);
    cr_expect_eq(peers[0].family, 4);
    close(fd);
}
