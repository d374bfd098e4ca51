/* SPDX-License-Identifier: MIT
 * Addresses to text, to sockaddr and back. */
#include "base/address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static ab_address parse(const char *host, uint16_t port)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, host, port), "%s is an address", host);
    return address;
}

static bool is_address(const char *host)
{
    ab_address address;
    return ab_address_parse(&address, host, 1);
}

Test(address, reads_and_writes_version_4)
{
    char text[AB_ADDRESS_TEXT];
    ab_address address = parse("10.0.0.1", 80);
    cr_assert_eq(address.family, 4);
    cr_assert_str_eq(ab_address_text(&address, text), "10.0.0.1:80");
    cr_assert_str_eq(ab_address_host(&address, text), "10.0.0.1");
    ab_address made = ab_address_v4(0x0a000001, 80);
    cr_assert(ab_address_equal(&address, &made));
    cr_assert_eq(memcmp(&address, &made, sizeof made), 0);
}

Test(address, reads_and_writes_version_6)
{
    char text[AB_ADDRESS_TEXT];
    ab_address address = parse("2001:DB8::0:1", 443);
    cr_assert_eq(address.family, 6);
    cr_assert_str_eq(ab_address_text(&address, text), "[2001:db8::1]:443");
    cr_assert_str_eq(ab_address_host(&address, text), "2001:db8::1");
}

Test(address, keeps_the_interface_of_a_link_local_one)
{
    char text[AB_ADDRESS_TEXT], by_name[AB_ADDRESS_TEXT], by_number[AB_ADDRESS_TEXT];
    unsigned lo = if_nametoindex("lo");
    cr_assert_neq(lo, 0);
    snprintf(by_name, sizeof by_name, "fe80::1%%lo");
    snprintf(by_number, sizeof by_number, "fe80::1%%%u", lo);
    ab_address named = parse(by_name, 5), numbered = parse(by_number, 5);
    cr_assert_eq(named.scope, lo);
    cr_assert(ab_address_equal(&named, &numbered));
    cr_assert_str_eq(ab_address_text(&named, text), "[fe80::1%lo]:5");
    named.scope = 999999;
    cr_assert_str_eq(ab_address_host(&named, text), "fe80::1%999999");
}

Test(address, refuses_what_is_no_numeric_host)
{
    static const char *const wrong[] = {
        "",
        "localhost",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1.",
        "10.0.0.1 ",
        "1",
        "fe80::1%",
        "fe80::1%no-such-one",
        "fe80:::1",
        "::1%lo",
        "2001:db8::1%lo",
        "10.0.0.1%lo",
        "[::1]",
        "fe80::1%99999999999",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff:0000",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(is_address(wrong[i]), "%s is none", wrong[i]);
}

Test(address, version_4_in_version_6_is_version_4)
{
    ab_address mapped = parse("::ffff:10.0.0.1", 80), plain = parse("10.0.0.1", 80);
    cr_assert_eq(memcmp(&mapped, &plain, sizeof plain), 0);
}

Test(address, survives_the_way_through_sockaddr)
{
    static const char *const hosts[] = {"127.0.0.1",   "255.255.255.255", "::1",
                                        "2001:db8::7", "fe80::7%lo",      "ff02::1%lo"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct sockaddr_storage storage;
        ab_address before = parse(hosts[i], 4711), after;
        unsigned length = ab_address_to_sockaddr(&before, &storage);
        cr_expect_eq(length,
                     before.family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        cr_assert(ab_address_from_sockaddr(&after, (struct sockaddr *)&storage));
        cr_expect_eq(memcmp(&before, &after, sizeof after), 0, "%s", hosts[i]);
    }
}

Test(address, of_another_family_is_none)
{
    char text[AB_ADDRESS_TEXT];
    struct sockaddr unix_socket = {.sa_family = AF_UNIX};
    ab_address address;
    cr_assert_not(ab_address_from_sockaddr(&address, &unix_socket));
    cr_assert_eq(address.family, 0);
    cr_assert_str_eq(ab_address_host(&address, text), "none");
}

Test(address, equality_minds_the_port_and_same_host_does_not)
{
    ab_address a = parse("10.0.0.1", 1), b = parse("10.0.0.1", 2), c = parse("10.0.0.2", 1);
    cr_assert_not(ab_address_equal(&a, &b));
    cr_assert(ab_address_same_host(&a, &b));
    cr_assert_not(ab_address_same_host(&a, &c));
    ab_address here = parse("fe80::1%1", 1), there = parse("fe80::1%2", 1);
    cr_assert_not(ab_address_same_host(&here, &there));
}

Test(address, knows_loopback_and_link_local)
{
    static const struct {
        const char *host;
        bool is_loopback, is_link_local;
    } cases[] = {
        {"127.0.0.1", true, false},    {"127.255.255.255", true, false},
        {"128.0.0.1", false, false},   {"::1", true, false},
        {"::2", false, false},         {"169.254.1.2", false, true},
        {"169.253.1.2", false, false}, {"fe80::1", false, true},
        {"febf::1", false, true},      {"fec0::1", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ab_address address = parse(cases[i].host, 1);
        cr_expect_eq(ab_address_is_loopback(&address), cases[i].is_loopback, "%s", cases[i].host);
        cr_expect_eq(ab_address_is_link_local(&address), cases[i].is_link_local, "%s",
                     cases[i].host);
    }
}

static bool in_prefix(const char *host, const char *network, unsigned bits)
{
    ab_address address = parse(host, 1), base = parse(network, 0);
    return ab_address_in_prefix(&address, &base, bits);
}

Test(address, knows_its_network)
{
    cr_expect(in_prefix("10.1.2.3", "10.1.2.0", 24));
    cr_expect_not(in_prefix("10.1.3.3", "10.1.2.0", 24));
    cr_expect(in_prefix("10.1.3.3", "10.1.2.0", 23));
    cr_expect_not(in_prefix("10.1.4.3", "10.1.2.0", 23));
    cr_expect(in_prefix("99.1.4.3", "10.1.2.0", 0));
    cr_expect(in_prefix("10.1.2.3", "10.1.2.3", 32));
    cr_expect_not(in_prefix("10.1.2.2", "10.1.2.3", 32));
    cr_expect_not(in_prefix("10.1.2.3", "10.1.2.3", 33));
    cr_expect(in_prefix("2001:db8:1:2::9", "2001:db8:1::", 48));
    cr_expect_not(in_prefix("2001:db8:2::9", "2001:db8:1::", 48));
    cr_expect_not(in_prefix("10.1.2.3", "::", 0));
    cr_expect(in_prefix("fe80::1%3", "fe80::%3", 64));
    cr_expect_not(in_prefix("fe80::1%4", "fe80::%3", 64));
    ab_address none = {0};
    cr_expect_not(ab_address_in_prefix(&none, &none, 0));
}

Test(address, the_longest_text_fits)
{
    char text[AB_ADDRESS_TEXT];
    ab_address address = parse("fe80:1111:2222:3333:4444:5555:6666:7777%1", 65535);
    address.scope = UINT32_MAX;
    ab_address_text(&address, text);
    cr_assert_str_eq(text, "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535");
}
