/* SPDX-License-Identifier: MIT
 * By which interface connections come in, between two networks with two cables. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "net/entrance.h"
#include "support/own_network.h"

static int near, far; /* the networks */

static int network_now(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    return fd;
}

static void go(int network)
{
    cr_assert_eq(setns(network, CLONE_NEWNET), 0);
}

#define RUN_IP(...)                                     \
    do {                                                \
        char command[128];                              \
        snprintf(command, sizeof command, __VA_ARGS__); \
        own_network_ip(command);                        \
    } while (0)

/* A near d1 has 10.1.0.1 and fd00:1::1, and the other end of its cable 10.1.0.2 and fd00:1::2. */
static void lay_cable(int number)
{
    char name[16], other[32];
    snprintf(name, sizeof name, "d%d", number);
    snprintf(other, sizeof other, "far-d%d", number);
    own_network_device(name);
    RUN_IP("link set %s netns /proc/%d/fd/%d", other, getpid(), far);
    RUN_IP("addr add 10.%d.0.1/24 dev %s", number, name);
    RUN_IP("addr add fd00:%d::1/64 dev %s nodad", number, name);
    RUN_IP("link set %s up", name);
    go(far);
    RUN_IP("addr add 10.%d.0.2/24 dev %s", number, other);
    RUN_IP("addr add fd00:%d::2/64 dev %s nodad", number, other);
    own_network_up(other);
    go(near);
}

static void enter(void)
{
    own_network_enter();
    near = network_now();
    cr_assert_eq(unshare(CLONE_NEWNET), 0);
    far = network_now();
    go(near);
    lay_cable(1);
    lay_cable(2);
}

static void leave(void)
{
    close(near);
    close(far);
    own_network_leave();
}

TestSuite(entrance, .init = enter, .fini = leave);

/* The near end of a connection to `host`, from the given network, to a socket of that family. */
static int accept_from(int network, const char *host, int family)
{
    struct sockaddr_storage here;
    ab_address any = {.family = family == AF_INET ? 4 : 6};
    socklen_t length = ab_address_to_sockaddr(&any, &here);
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&here, length), 0);
    cr_assert_eq(listen(listener, 1), 0);
    length = sizeof here;
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&here, &length), 0);
    cr_assert(ab_address_from_sockaddr(&any, (struct sockaddr *)&here));

    ab_address address;
    cr_assert(ab_address_parse(&address, host, any.port));
    length = ab_address_to_sockaddr(&address, &here);
    go(network);
    int client = socket(here.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    go(near);
    cr_assert_eq(connect(client, (struct sockaddr *)&here, length), 0, "%s", host);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    cr_assert_geq(fd, 0);
    close(client);
    close(listener);
    return fd;
}

static bool lets_in(const char *list, int network, const char *host, int family)
{
    int fd = accept_from(network, host, family);
    ab_globs globs;
    ab_globs_init(&globs, list);
    bool does = ab_entrance_is_chosen(&globs, fd);
    ab_globs_fini(&globs);
    close(fd);
    return does;
}

Test(entrance, is_that_of_the_interface_by_which_a_connection_came)
{
    static const char *const hosts[][2] = {{"10.1.0.1", "10.2.0.1"}, {"fd00:1::1", "fd00:2::1"}};
    for (int i = 0; i < 2; i++) {
        cr_expect(lets_in("d1", far, hosts[i][0], AF_INET6), "%s", hosts[i][0]);
        cr_expect_not(lets_in("d1", far, hosts[i][1], AF_INET6), "%s", hosts[i][1]);
        cr_expect_not(lets_in("!d1", far, hosts[i][0], AF_INET6), "%s", hosts[i][0]);
        cr_expect(lets_in("!d1", far, hosts[i][1], AF_INET6), "%s", hosts[i][1]);
    }
}

Test(entrance, is_known_of_a_socket_for_ipv4_alone)
{
    cr_expect(lets_in("d1", far, "10.1.0.1", AF_INET));
    cr_expect_not(lets_in("d1", far, "10.2.0.1", AF_INET));
}

Test(entrance, does_not_depend_on_whose_address_was_dialled)
{
    go(far);
    own_network_ip("route add 10.1.0.1/32 via 10.2.0.1");
    go(near);
    cr_expect_not(lets_in("d1", far, "10.1.0.1", AF_INET6), "it came by d2");
    cr_expect(lets_in("d2", far, "10.1.0.1", AF_INET6));
}

Test(entrance, is_open_to_this_machine_by_loopback)
{
    cr_expect(lets_in("d1", near, "127.0.0.1", AF_INET6));
    cr_expect(lets_in("!lo", near, "::1", AF_INET6));
    cr_expect(lets_in("d1", near, "10.1.0.1", AF_INET6));
    cr_expect(lets_in("d1", near, "fd00:1::1", AF_INET6));
}

Test(entrance, is_open_to_all_where_nothing_is_chosen)
{
    cr_expect(lets_in("", far, "10.1.0.1", AF_INET6));
    cr_expect(lets_in(NULL, far, "10.2.0.1", AF_INET6));
}

Test(entrance, follows_an_interface_that_gets_another_address_or_name)
{
    own_network_ip("addr add 10.1.0.7/24 dev d1");
    cr_expect(lets_in("d1", far, "10.1.0.7", AF_INET6));
    own_network_ip("link set d1 down");
    own_network_ip("link set d1 name lan0");
    own_network_up("lan0");
    cr_expect(lets_in("lan0", far, "10.1.0.7", AF_INET6));
    cr_expect_not(lets_in("d1", far, "10.1.0.7", AF_INET6));
}

Test(entrance, asks_once_and_leaves_the_connection_as_it_was)
{
    int fd = accept_from(far, "10.1.0.1", AF_INET6);
    ab_globs globs;
    ab_globs_init(&globs, "d1");
    cr_assert(ab_entrance_is_chosen(&globs, fd));
    ab_globs_fini(&globs);
    int is_on = -1;
    socklen_t length = sizeof is_on;
    cr_assert_eq(getsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &is_on, &length), 0);
    cr_expect_eq(is_on, 0);
    close(fd);
}

Test(entrance, of_what_is_no_tcp_connection_is_not_known)
{
    int pair[2];
    ab_globs globs;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ab_globs_init(&globs, "d1");
    cr_expect_not(ab_entrance_is_chosen(&globs, pair[0]));
    ab_globs_fini(&globs);
    close(pair[0]);
    close(pair[1]);
}
