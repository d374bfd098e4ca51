/* SPDX-License-Identifier: MIT
 * Interfaces in a network of the test's own, where devices and addresses come and go as it says. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/interfaces.h"
#include "support/own_network.h"
#include "unit/net/following.h"
#include "unit/net/running.h"

TestSuite(interfaces, .init = following_enter, .fini = following_leave);

static void on_bus_read_once(void *argument)
{
    (void)argument;
    cr_assert_eq(ab_interfaces_new(following_loop, NULL, following_count, NULL, &following),
                 AUTOBUS_OK);
    const ab_interface *lo = following_find("lo");
    cr_assert_not_null(lo);
    cr_expect(lo->is_up && lo->is_used && lo->is_loopback);
    cr_expect(!lo->can_broadcast);
    cr_expect_eq(ab_interfaces_find(following, lo->index), lo);
    const ab_interface_address *address = following_find_address("lo", "127.0.0.1");
    cr_assert_not_null(address);
    cr_expect_eq(address->prefix, 8);
    cr_expect_eq(address->address.port, 0);
    cr_expect_eq(address->broadcast.family, 0);
    cr_expect_null(ab_interfaces_find(following, 4711));
}

Test(interfaces, are_there_before_new_returns)
{
    following_loop = running_new();
    running_do(following_loop, on_bus_read_once, NULL);
}

static void on_bus_unknown_name(void *argument)
{
    (void)argument;
    autobus_result result =
        ab_interfaces_new(following_loop, "lo,eth7", following_count, NULL, &following);
    cr_assert_eq(result, AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "eth7"), "%s", autobus_last_error());
    cr_expect_not_null(strstr(autobus_last_error(), "d0, "), "%s", autobus_last_error());
    result = ab_interfaces_new(following_loop, "lo,!eth7,wl*", following_count, NULL, &following);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

Test(interfaces, a_name_that_does_not_exist_is_refused_and_the_others_are_named)
{
    own_network_device("d0");
    own_network_device("d1");
    following_loop = running_new();
    running_do(following_loop, on_bus_unknown_name, NULL);
}

Test(interfaces, only_those_the_globs_pick_are_used)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_device("d1");
    own_network_ip("link set d1 up");
    following_start("d*,!d1");
    EVENTUALLY(is_up, "d0");
    EVENTUALLY(is_up, "d1");
    running_lock(following_loop);
    cr_expect(following_find("d0")->is_used);
    cr_expect(!following_find("d1")->is_used && following_find("d1")->is_up);
    cr_expect(!following_find("lo")->is_used);
    running_unlock(following_loop);

    own_network_device("d2");
    EVENTUALLY(is_there, "d2");
    running_lock(following_loop);
    cr_expect(!following_find("d2")->is_used, "it is down");
    running_unlock(following_loop);
    own_network_ip("link set d2 up");
    EVENTUALLY(is_up, "d2");
    running_lock(following_loop);
    cr_expect(following_find("d2")->is_used);
    running_unlock(following_loop);
}

Test(interfaces, an_address_added_and_removed_is_heard)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    following_start(NULL);
    own_network_ip("addr add 10.1.2.3/24 dev d0");
    EVENTUALLY_ADDRESS("d0", "10.1.2.3");
    running_lock(following_loop);
    cr_expect_eq(following_find_address("d0", "10.1.2.3")->prefix, 24);
    cr_expect_gt(following_changes, 0);
    running_unlock(following_loop);
    own_network_ip("addr del 10.1.2.3/24 dev d0");
    EVENTUALLY(has_no_address, (&(place){"d0", "10.1.2.3"}));
}

Test(interfaces, the_directed_broadcast_is_the_one_set_or_the_one_computed)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1/20 dev d0");
    own_network_ip("addr add 10.2.0.1/24 brd 10.2.0.127 dev d0");
    own_network_ip("addr add 10.3.0.0/31 dev d0");
    own_network_ip("addr add 10.4.0.1/32 dev d0");
    following_start(NULL);
    running_lock(following_loop);
    cr_expect_str_eq(following_host(&following_find_address("d0", "10.1.0.1")->broadcast),
                     "10.1.15.255");
    cr_expect_str_eq(following_host(&following_find_address("d0", "10.2.0.1")->broadcast),
                     "10.2.0.127");
    cr_expect_eq(following_find_address("d0", "10.3.0.0")->broadcast.family, 0);
    cr_expect_eq(following_find_address("d0", "10.4.0.1")->broadcast.family, 0);
    running_unlock(following_loop);
}

Test(interfaces, an_ipv6_address_is_listed_when_it_is_usable)
{
    own_network_ip("link add v0 type veth peer name v1");
    /* It stays tentative for longer than the test lasts. */
    own_network_set("ipv6/conf/v0/dad_transmits", "100");
    own_network_ip("link set v0 up");
    own_network_ip("link set v1 up");
    following_start(NULL);
    own_network_ip("addr add 2001:db8::1/64 dev v0");
    own_network_ip("addr add 2001:db8::2/64 dev v0 nodad");
    EVENTUALLY_ADDRESS("v0", "2001:db8::2");
    running_lock(following_loop);
    cr_expect_null(following_find_address("v0", "2001:db8::1"));
    running_unlock(following_loop);

    own_network_set("ipv6/conf/v0/dad_transmits", "1");
    own_network_ip("addr del 2001:db8::1/64 dev v0");
    own_network_ip("addr add 2001:db8::1/64 dev v0");
    EVENTUALLY_ADDRESS("v0", "2001:db8::1");
}

Test(interfaces, a_device_deleted_and_made_again_has_another_index)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    following_start(NULL);
    running_lock(following_loop);
    unsigned first = following_find("d0")->index;
    running_unlock(following_loop);
    own_network_ip("link del d0");
    EVENTUALLY(is_gone, "d0");
    running_lock(following_loop);
    cr_expect_null(ab_interfaces_find(following, first));
    running_unlock(following_loop);
    own_network_device("d0");
    own_network_ip("link set d0 up");
    own_network_ip("addr add 10.1.0.1/24 dev d0");
    EVENTUALLY_ADDRESS("d0", "10.1.0.1");
    running_lock(following_loop);
    cr_expect_neq(following_find("d0")->index, first);
    running_unlock(following_loop);
}

Test(interfaces, a_renamed_one_keeps_its_index_and_meets_the_globs_again)
{
    own_network_device("d0");
    following_start("d*");
    own_network_ip("link set d0 name e0");
    own_network_ip("link set e0 up");
    EVENTUALLY(is_up, "e0");
    running_lock(following_loop);
    cr_expect(!following_find("e0")->is_used);
    running_unlock(following_loop);
}

Test(interfaces, without_carrier_one_is_not_up)
{
    own_network_ip("link add v0 type veth peer name v1");
    own_network_ip("link set v0 up");
    following_start(NULL);
    EVENTUALLY(is_down, "v0");
    own_network_ip("link set v1 up");
    EVENTUALLY(is_up, "v0");
    own_network_ip("link set v1 down");
    EVENTUALLY(is_down, "v0");
}

static void write_batch(FILE *file, int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(file, "link set d0 mtu %d\n", 1400 + i % 2);
        fprintf(file, "link set d0 alias a%d\n", i);
    }
}

/* Runs what `write` writes as one `ip -batch`. */
static void run_batch(void (*write)(FILE *file, int count), int count)
{
    char path[] = "/tmp/autobus-batch-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    write(file, count);
    fclose(file);
    char arguments[64];
    snprintf(arguments, sizeof arguments, "-batch %s", path);
    own_network_ip(arguments);
    remove(path);
}

static void write_addresses(FILE *file, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(file, "addr add 10.1.%d.1/24 dev d0\n", i);
}

static bool has_been_told(const void *argument)
{
    (void)argument;
    return following_changes > 0;
}

Test(interfaces, several_changes_of_one_moment_are_told_once)
{
    /* No other change comes on its own, as a link-local address would. */
    own_network_without_ipv6();
    own_network_device("d0");
    own_network_ip("link set d0 up");
    following_start(NULL);
    EVENTUALLY(is_up, "d0");
    EVENTUALLY(is_up, "far-d0");
    running_lock(following_loop);
    following_changes = 0;
    /* The bus thread does nothing while we hold its lock. */
    run_batch(write_addresses, 10);
    running_unlock(following_loop);
    EVENTUALLY(has_been_told, NULL);
    running_lock(following_loop);
    cr_expect_not_null(following_find_address("d0", "10.1.9.1"));
    running_unlock(following_loop);
    /* One more, to see that nothing else was still to be told. */
    own_network_ip("addr add 10.2.0.1/24 dev d0");
    EVENTUALLY_ADDRESS("d0", "10.2.0.1");
    running_lock(following_loop);
    cr_expect_eq(following_changes, 2);
    running_unlock(following_loop);
}

Test(interfaces, more_notifications_than_the_socket_holds_lose_nothing, .timeout = 60)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    following_start(NULL);
    running_lock(following_loop);
    run_batch(write_batch, 600);
    own_network_ip("addr add 10.9.9.9/24 dev d0");
    own_network_device("d1");
    own_network_ip("link set d1 up");
    running_unlock(following_loop);
    EVENTUALLY_ADDRESS("d0", "10.9.9.9");
    EVENTUALLY(is_up, "d1");
    own_network_ip("link del d1");
    EVENTUALLY(is_gone, "d1");
}

Test(interfaces, more_addresses_than_fit_are_left_out)
{
    own_network_device("d0");
    own_network_ip("link set d0 up");
    run_batch(write_addresses, AB_INTERFACE_ADDRESSES + 4);
    following_start(NULL);
    running_lock(following_loop);
    cr_expect_eq(following_find("d0")->count, AB_INTERFACE_ADDRESSES);
    running_unlock(following_loop);
}

Test(interfaces, many_devices_are_all_read)
{
    for (int i = 0; i < 30; i++) {
        char name[8];
        snprintf(name, sizeof name, "d%d", i);
        own_network_device(name);
    }
    following_start(NULL);
    running_lock(following_loop);
    size_t cursor = 0, count = 0;
    unsigned last = 0;
    const ab_interface *at;
    while ((at = ab_interfaces_next(following, &cursor)) != NULL) {
        cr_expect_gt(at->index, last);
        last = at->index;
        count++;
    }
    cr_expect_eq(count, 61);
    running_unlock(following_loop);
}

static void free_at_once(void *owner)
{
    (void)owner;
    ab_interfaces_free(following);
    following = NULL;
    following_changes++;
}

static void on_bus_follow_to_free(void *argument)
{
    (void)argument;
    cr_assert_eq(ab_interfaces_new(following_loop, NULL, free_at_once, NULL, &following),
                 AUTOBUS_OK);
}

Test(interfaces, can_be_freed_when_they_tell_a_change)
{
    following_loop = running_new();
    running_do(following_loop, on_bus_follow_to_free, NULL);
    own_network_device("d0");
    own_network_ip("link set d0 up");
    EVENTUALLY(has_been_told, NULL);
}

static void on_bus_look_whose(void *argument)
{
    ab_address address;
    unsigned *heard_at = argument;
    cr_assert(ab_address_parse(&address, "fe80::1", 0));
    for (int i = 0; i < 2; i++) {
        address.scope = heard_at[i];
        cr_expect(ab_interfaces_is_own(following, &address), "heard at interface %u", heard_at[i]);
    }
    cr_assert(ab_address_parse(&address, "fe80::2", 0));
    address.scope = heard_at[0];
    cr_expect_not(ab_interfaces_is_own(following, &address));
}

Test(interfaces, a_link_local_address_is_ours_wherever_it_is_heard)
{
    own_network_ip("link add v0 type veth peer name v1");
    own_network_ip("link set v0 up");
    own_network_ip("link set v1 up");
    following_start(NULL);
    own_network_ip("addr add fe80::1/64 dev v0 nodad");
    EVENTUALLY_ADDRESS("v0", "fe80::1");
    running_lock(following_loop);
    unsigned heard_at[] = {following_find("v0")->index, following_find("v1")->index};
    running_unlock(following_loop);
    running_do(following_loop, on_bus_look_whose, heard_at);
}

Test(interfaces, the_kernel_knows_which_addresses_are_ours)
{
    ab_address address;
    cr_assert(ab_address_parse(&address, "127.0.0.1", 4000));
    cr_expect(ab_interfaces_has_kernel(&address), "its port does not matter");
    cr_assert(ab_address_parse(&address, "203.0.113.9", 0));
    cr_expect_not(ab_interfaces_has_kernel(&address));
    cr_assert(ab_address_parse(&address, "2001:db8::9", 0));
    cr_expect_not(ab_interfaces_has_kernel(&address));
}
