/* SPDX-License-Identifier: MIT
 * Lists of peers as people type them. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "discovery/peers.h"

#define PORT 52722

/* The list read and said again: "address:port" or "name=port", blanks between. */
static const char *read_back(const char *text)
{
    static char out[1024];
    ab_listed_peer *peers;
    size_t count, length = 0;
    out[0] = '\0';
    cr_assert_eq(ab_listed_parse(text, PORT, &peers, &count), AUTOBUS_OK, "%s",
                 autobus_last_error());
    for (size_t i = 0; i < count; i++) {
        char address[AB_ADDRESS_TEXT];
        const char *between = i == 0 ? "" : " ";
        cr_expect_eq(peers[i].count, peers[i].is_name ? 0 : 1);
        if (peers[i].is_name)
            length += (size_t)snprintf(out + length, sizeof out - length, "%s%s=%u", between,
                                       peers[i].host, (unsigned)peers[i].port);
        else
            length += (size_t)snprintf(out + length, sizeof out - length, "%s%s", between,
                                       ab_address_text(&peers[i].addresses[0], address));
    }
    ab_listed_clear(peers, count);
    return out;
}

static void expect_refused(const char *text, const char *word)
{
    ab_listed_peer *peers;
    size_t count;
    cr_assert_eq(ab_listed_parse(text, PORT, &peers, &count), AUTOBUS_INVALID, "\"%s\" passes",
                 text);
    cr_expect_not_null(strstr(autobus_last_error(), word), "%s: %s", text, autobus_last_error());
}

Test(peer_list, holds_names_and_addresses_with_and_without_ports)
{
    cr_expect_str_eq(read_back("10.1.0.5"), "10.1.0.5:52722");
    cr_expect_str_eq(read_back("10.1.0.5:99"), "10.1.0.5:99");
    cr_expect_str_eq(read_back("attic, cellar.lan:99 ,10.1.0.5"),
                     "attic=52722 cellar.lan=99 10.1.0.5:52722");
    cr_expect_str_eq(read_back("4x4.example."), "4x4.example.=52722");
}

Test(peer_list, tells_the_colons_of_ipv6_from_that_of_a_port)
{
    cr_expect_str_eq(read_back("fd00::5"), "[fd00::5]:52722");
    cr_expect_str_eq(read_back("[fd00::5]"), "[fd00::5]:52722");
    cr_expect_str_eq(read_back("[fd00::5]:99"), "[fd00::5]:99");
    cr_expect_str_eq(read_back("[fe80::5%lo]:99"), "[fe80::5%lo]:99");
}

Test(peer_list, may_be_empty)
{
    cr_expect_str_eq(read_back(NULL), "");
    cr_expect_str_eq(read_back(""), "");
    cr_expect_str_eq(read_back(" , ,"), "");
}

Test(peer_list, refuses_a_port_that_is_none)
{
    expect_refused("attic:0", "\"attic:0\"");
    expect_refused("attic:65536", "from 1 to 65535");
    expect_refused("attic:", "from 1 to 65535");
    expect_refused("attic:12a", "from 1 to 65535");
    expect_refused("[fd00::5]:x", "from 1 to 65535");
}

Test(peer_list, refuses_what_is_neither_name_nor_address)
{
    expect_refused("10.1", "\"10.1\"");
    expect_refused("300.1.1.1", "neither a host name nor an address");
    expect_refused("the attic", "\"the attic\"");
    expect_refused("-attic", "neither");
    expect_refused("[attic]:99", "brackets");
    expect_refused("[fd00::5", "brackets");
    expect_refused("fd00::5::1", "neither");
}

Test(peer_list, refuses_a_link_local_address_that_does_not_say_on_which_link)
{
    expect_refused("fe80::5", "fe80::1%eth0");
}

Test(peer_list, names_the_bad_entry_among_good_ones)
{
    expect_refused("10.0.0.1,attic,garden:door", "\"garden:door\"");
}

Test(peer_list, has_an_end)
{
    char text[AB_LISTED_MAX * 2 + 3] = "";
    ab_listed_peer *peers;
    size_t count;
    for (int i = 0; i < AB_LISTED_MAX; i++)
        strcat(text, "a,");
    cr_assert_eq(ab_listed_parse(text, PORT, &peers, &count), AUTOBUS_OK, "%s",
                 autobus_last_error());
    cr_expect_eq(count, AB_LISTED_MAX);
    ab_listed_clear(peers, count);
    strcat(text, "b");
    cr_expect_eq(ab_listed_parse(text, PORT, &peers, &count), AUTOBUS_TOO_LARGE);
}
