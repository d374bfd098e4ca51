/* SPDX-License-Identifier: MIT
 * Where packets go, for every kind of interface. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "discovery/route.h"

#define PORT 4000

static ab_address host(const char *text)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, text, 0), "%s is no address", text);
    return address;
}

static void give(ab_interface *interface, const char *address, const char *broadcast)
{
    ab_interface_address *at = &interface->addresses[interface->count++];
    at->address = host(address);
    if (broadcast != NULL)
        at->broadcast = host(broadcast);
}

static ab_interface ethernet(void)
{
    return (ab_interface){.index = 2,
                          .name = "eth0",
                          .is_up = true,
                          .can_broadcast = true,
                          .can_multicast = true,
                          .is_used = true};
}

static ab_interface loopback(void)
{
    ab_interface lo = {
        .index = 1, .name = "lo", .is_up = true, .is_loopback = true, .is_used = true};
    give(&lo, "127.0.0.1", NULL);
    give(&lo, "::1", NULL);
    return lo;
}

/* The routes as "destination<source ...", with the port and interface of each checked. */
static const char *routes_of(const ab_interface *interface, ab_reach reach, ab_packet_kind kind)
{
    static char text[1024];
    ab_route routes[AB_ROUTES];
    size_t length = 0, count = ab_routes_choose(interface, reach, kind, PORT, routes);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char to[AB_ADDRESS_TEXT], from[AB_ADDRESS_TEXT] = "";
        ab_address plain = routes[i].to;
        cr_expect_eq(routes[i].to.port, PORT);
        cr_expect_eq(routes[i].interface, interface->index);
        cr_expect_eq(plain.scope, plain.family == 6 ? interface->index : 0);
        plain.scope = 0;
        if (routes[i].source.family != 0)
            ab_address_host(&routes[i].source, from);
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s%s%s%s", i == 0 ? "" : " ",
                             ab_address_host(&plain, to), from[0] == '\0' ? "" : "<", from);
    }
    return text;
}

Test(route, a_question_goes_everywhere_that_an_interface_reaches)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "10.0.0.2", "10.0.0.255");
    give(&eth0, "fe80::2", NULL);
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_QUERY),
                     "10.0.0.255<10.0.0.2 255.255.255.255 ff12::61:7574:6f62:7573");
}

Test(route, what_legacy_peers_do_not_know_spares_the_limited_broadcast)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "10.0.0.2", "10.0.0.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_PRESENCE), "10.0.0.255<10.0.0.2");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_SUSPECT), "10.0.0.255<10.0.0.2");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_ADD),
                     "10.0.0.255<10.0.0.2 255.255.255.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_REMOVE),
                     "10.0.0.255<10.0.0.2 255.255.255.255");
}

Test(route, each_address_speaks_to_its_own_network)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "10.0.0.2", "10.0.0.255");
    give(&eth0, "192.168.1.2", "192.168.1.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_PRESENCE),
                     "10.0.0.255<10.0.0.2 192.168.1.255<192.168.1.2");
}

Test(route, presence_takes_one_destination_however_many_addresses_there_are)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "fe80::2", NULL);
    give(&eth0, "10.0.0.2", "10.0.0.255");
    give(&eth0, "192.168.1.2", "192.168.1.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_EACH, AB_PACKET_PRESENCE), "10.0.0.255<10.0.0.2");
}

Test(route, without_ipv4_presence_goes_to_the_group)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "fe80::2", NULL);
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_EACH, AB_PACKET_PRESENCE),
                     "ff12::61:7574:6f62:7573");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_ADD), "ff12::61:7574:6f62:7573");
}

Test(route, an_address_without_a_network_uses_the_limited_broadcast)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "10.0.0.2", NULL);
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_EACH, AB_PACKET_PRESENCE), "255.255.255.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_PRESENCE), "255.255.255.255");
}

Test(route, a_tunnel_that_can_only_multicast_does_that)
{
    ab_interface tun = ethernet();
    tun.can_broadcast = false;
    give(&tun, "10.8.0.1", NULL);
    give(&tun, "fe80::9", NULL);
    cr_expect_str_eq(routes_of(&tun, AB_REACH_ALL, AB_PACKET_QUERY), "ff12::61:7574:6f62:7573");
    tun.can_multicast = false;
    cr_expect_str_eq(routes_of(&tun, AB_REACH_ALL, AB_PACKET_QUERY), "");
}

Test(route, loopback_has_its_own_broadcast_and_nothing_else)
{
    ab_interface lo = loopback();
    cr_expect_str_eq(routes_of(&lo, AB_REACH_ALL, AB_PACKET_QUERY), "127.255.255.255");
    cr_expect_str_eq(routes_of(&lo, AB_REACH_EACH, AB_PACKET_PRESENCE), "127.255.255.255");
    cr_expect_str_eq(routes_of(&lo, AB_REACH_LOOPBACK, AB_PACKET_QUERY), "127.255.255.255");
}

Test(route, what_is_for_this_machine_leaves_by_no_other_interface)
{
    ab_interface eth0 = ethernet();
    give(&eth0, "10.0.0.2", "10.0.0.255");
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_LOOPBACK, AB_PACKET_QUERY), "");
}

Test(route, an_interface_that_is_not_used_or_has_no_address_is_left_alone)
{
    ab_interface eth0 = ethernet();
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_QUERY), "");
    give(&eth0, "10.0.0.2", "10.0.0.255");
    eth0.is_used = false;
    cr_expect_str_eq(routes_of(&eth0, AB_REACH_ALL, AB_PACKET_QUERY), "");
}

Test(route, every_address_an_interface_can_have_fits)
{
    ab_interface eth0 = ethernet();
    char address[32], broadcast[32];
    for (int i = 0; i < AB_INTERFACE_ADDRESSES - 1; i++) {
        snprintf(address, sizeof address, "10.0.%d.1", i);
        snprintf(broadcast, sizeof broadcast, "10.0.%d.255", i);
        give(&eth0, address, broadcast);
    }
    give(&eth0, "fe80::2", NULL);
    ab_route routes[AB_ROUTES];
    cr_expect_eq(ab_routes_choose(&eth0, AB_REACH_ALL, AB_PACKET_QUERY, PORT, routes),
                 AB_INTERFACE_ADDRESSES + 1);
}

Test(route, loopback_comes_first_but_last_for_a_goodbye)
{
    cr_expect(ab_routes_loopback_first(AB_PACKET_QUERY));
    cr_expect(ab_routes_loopback_first(AB_PACKET_ADD));
    cr_expect(ab_routes_loopback_first(AB_PACKET_PRESENCE));
    cr_expect_not(ab_routes_loopback_first(AB_PACKET_REMOVE));
}
