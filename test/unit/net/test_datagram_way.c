/* SPDX-License-Identifier: MIT
 * Which way datagrams go: interfaces, sources, groups; in a network of the test's own. */
#include <criterion/criterion.h>

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "net/datagram.h"
#include "support/own_network.h"
#include "unit/net/ear.h"
#include "unit/net/running.h"

TestSuite(datagram_way, .init = ear_begin, .fini = ear_end);

Test(datagram_way, comes_from_the_source_that_is_asked_for)
{
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4);
    ab_address there = ear_address("127.0.0.1", ear_port(to));
    ab_address source = ear_address("127.7.7.7", 0), nobody = ear_address("192.0.2.77", 0);
    running_lock(ear_loop);
    cr_expect_eq(ab_datagram_send(from->datagram, &there, 0, &source, "a", 1), 0);
    cr_expect_neq(ab_datagram_send(from->datagram, &there, 0, &nobody, "b", 1), 0,
                  "not our address");
    running_unlock(ear_loop);
    ear_await(to);
    cr_expect_str_eq(ear_host(&to->last.source), "127.7.7.7");
}

Test(datagram_way, the_limited_broadcast_needs_no_route_with_an_interface)
{
    ear_move_to_own_network();
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4);
    uint16_t port = ear_port(to);
    cr_expect_eq(ear_send(from, "255.255.255.255", port, 0, "a", 1), ENETUNREACH);
    cr_assert_eq(ear_send(from, "255.255.255.255", port, if_nametoindex("d0"), "b", 1), 0);
    ear_await(to);
    cr_expect_eq(to->bytes[0], 'b');
    cr_expect_eq(to->last.interface, if_nametoindex("d0"));
    cr_expect_str_eq(ear_host(&to->last.source), "10.1.0.1");
    cr_expect_str_eq(ear_host(&to->last.destination), "255.255.255.255");
    ear_forget(to);
    cr_assert_eq(ear_send(from, "10.1.0.255", port, if_nametoindex("d0"), "c", 1), 0);
    ear_await(to);
    cr_expect_str_eq(ear_host(&to->last.destination), "10.1.0.255");
}

static const char group_host[] = "ff02::4142";

static void expect_multicast(const char *device)
{
    ear *from = &ears[0], *to = &ears[1];
    ab_address group = ear_address(group_host, 0);
    unsigned interface = if_nametoindex(device);
    uint16_t port = ear_port(to);
    ear_forget(to);
    running_lock(ear_loop);
    cr_expect(ab_datagram_join(to->datagram, &group, interface));
    cr_expect(ab_datagram_join(to->datagram, &group, interface), "again is fine");
    running_unlock(ear_loop);
    int error = ear_send(from, group_host, port, interface, "m", 1);
    cr_assert_eq(error, 0, "%s: %s", device, strerror(error));
    ear_await(to);
    cr_expect_eq(to->last.interface, interface);
    cr_expect_eq(to->last.ttl, 255);

    running_lock(ear_loop);
    ab_datagram_leave(to->datagram, &group, interface);
    running_unlock(ear_loop);
    ear_forget(to);
    ear_send(from, group_host, port, interface, "n", 1);
    cr_assert_eq(ear_send(from, "::1", port, 0, "u", 1), 0);
    ear_await(to);
    cr_expect_eq(to->count, 1);
    cr_expect_eq(to->bytes[0], 'u', "one that left hears the group no more");
}

Test(datagram_way, a_group_is_heard_on_the_interface_where_it_was_joined)
{
    ear_move_to_own_network();
    ear_open_plain(0, 6);
    ear_open_plain(1, 6);
    expect_multicast("d0");
}

Test(datagram_way, a_group_can_be_joined_again_on_a_device_made_again)
{
    ear_move_to_own_network();
    ear *from = ear_open_plain(0, 6), *to = ear_open_plain(1, 6);
    (void)from;
    ab_address group = ear_address(group_host, 0);
    unsigned first = if_nametoindex("d0");
    running_lock(ear_loop);
    cr_expect(ab_datagram_join(to->datagram, &group, first));
    running_unlock(ear_loop);
    own_network_ip("link del d0");
    running_lock(ear_loop);
    ab_datagram_leave(to->datagram, &group, first);
    cr_expect_not(ab_datagram_join(to->datagram, &group, first), "it is gone");
    running_unlock(ear_loop);
    own_network_device("d0");
    own_network_ip("link set d0 up multicast on");
    own_network_ip("addr add fe80::1/64 dev d0 nodad");
    expect_multicast("d0");
}

Test(datagram_way, a_link_local_address_has_its_scope)
{
    ear_move_to_own_network();
    ear *from = ear_open_plain(0, 6), *to = ear_open_plain(1, 6);
    cr_assert_eq(ear_send(from, "fe80::1%d0", ear_port(to), 0, "s", 1), 0);
    ear_await(to);
    cr_expect_eq(to->last.source.scope, if_nametoindex("d0"));
    cr_expect_str_eq(ear_host(&to->last.source), "fe80::1%d0");
}

Test(datagram_way, a_send_that_fails_only_says_so)
{
    ear_move_to_own_network();
    ear *from = ear_open_plain(0, 4), *to = ear_open_plain(1, 4);
    cr_expect_eq(ear_send(from, "192.0.2.1", 9, 0, "x", 1), ENETUNREACH);
    cr_expect_eq(ear_send(from, "10.1.0.1", 9, 4711, "x", 1), ENODEV);
    cr_expect_eq(ear_send(from, "::1", 9, 0, "x", 1), EAFNOSUPPORT);
    cr_assert_eq(ear_send(from, "127.0.0.1", ear_port(to), 0, "y", 1), 0);
    ear_await(to);
}
