/* SPDX-License-Identifier: MIT
 * Who is a neighbour on which interface, and how the used ones are said. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "net/interfaces.h"
#include "support/own_network.h"
#include "unit/net/following.h"
#include "unit/net/running.h"

TestSuite(neighbours, .init = following_enter, .fini = following_leave);

static bool is_on_link(const char *name, const char *source)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, source, 0), "%s is no address", source);
    running_lock(following_loop);
    bool is = ab_interfaces_on_link(following, following_find(name)->index, &address);
    running_unlock(following_loop);
    return is;
}

Test(neighbours, a_neighbour_is_in_a_network_of_that_interface)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_device("d1");
    own_network_ip("link set d1 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    own_network_ip("addr add 10.2.0.1/24 dev d1");
    own_network_ip("addr add 2001:db8::1/64 dev d0 nodad");
    following_start(NULL);
    cr_expect(is_on_link("d0", "10.1.0.77"));
    cr_expect_not(is_on_link("d0", "10.1.1.77"));
    cr_expect_not(is_on_link("d0", "10.2.0.77"), "that is the other one's network");
    cr_expect(is_on_link("d0", "10.1.0.1"), "one's own address");
    cr_expect(is_on_link("d0", "10.2.0.1"), "one's own address on another interface");
    cr_expect(is_on_link("d0", "2001:db8::77"));
    cr_expect_not(is_on_link("d0", "2001:db8:1::77"));
    cr_expect(is_on_link("d1", "169.254.7.7"));
    cr_expect(is_on_link("d0", "fe80::7%d0"));
    cr_expect_not(is_on_link("d0", "fe80::7%d1"));
    cr_expect_not(is_on_link("d0", "127.0.0.1"));
    cr_expect_not(is_on_link("d0", "0.0.0.0"));
    cr_expect_not(is_on_link("d0", "224.0.0.1"));
    cr_expect_not(is_on_link("d0", "ff02::1"));
}

Test(neighbours, on_loopback_every_address_of_this_machine_is_a_neighbour)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    following_start(NULL);
    cr_expect(is_on_link("lo", "127.0.0.1"));
    cr_expect(is_on_link("lo", "127.0.7.7"));
    cr_expect(is_on_link("lo", "::1"));
    cr_expect(is_on_link("lo", "10.1.0.1"));
    cr_expect_not(is_on_link("lo", "10.1.0.2"));
}

Test(neighbours, the_other_end_of_a_point_to_point_link_is_a_neighbour)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1 peer 10.7.0.2/32 dev d0");
    following_start(NULL);
    running_lock(following_loop);
    cr_expect_str_eq(following_host(&following_find_address("d0", "10.1.0.1")->peer), "10.7.0.2");
    running_unlock(following_loop);
    cr_expect(is_on_link("d0", "10.7.0.2"));
    cr_expect(is_on_link("d0", "10.1.0.1"));
    cr_expect_not(is_on_link("d0", "10.1.0.2"));
}

static void expect_text(const char *expected)
{
    running_lock(following_loop);
    char *text = ab_interfaces_text(following);
    running_unlock(following_loop);
    cr_expect_str_eq(text, expected, "%s", text);
    free(text);
}

Test(neighbours, the_used_ones_can_be_said)
{
    own_network_without_ipv6();
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_device("d1");
    own_network_ip("link set d1 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    own_network_ip("addr add 10.2.0.1/24 dev d0");
    following_start("!d1,!far-*");
    EVENTUALLY(is_up, "d0");
    expect_text("lo (127.0.0.1), d0 (10.1.0.1, 10.2.0.1)");
    own_network_ip("link set d0 down");
    EVENTUALLY(is_down, "d0");
    own_network_ip("link set lo down");
    EVENTUALLY(is_down, "lo");
    expect_text("none");
}
