/* SPDX-License-Identifier: MIT
 * Which interfaces the library speaks on, as it says in words; and this machine's own. */
#include <criterion/criterion.h>

#include <string.h>

#include "doctor/interfaces.h"
#include "unit/doctor/healthy.h"

static void uses(const char *text, bool lo, bool eth)
{
    healthy here;
    healthy_init(&here);
    doctor_interfaces_note_used(&here.facts, text);
    cr_assert_eq(here.interfaces[LO].is_used, lo, "%s", text);
    cr_assert_eq(here.interfaces[ETH].is_used, eth, "%s", text);
}

Test(interfaces, are_used_if_they_are_named)
{
    uses("lo (127.0.0.1, ::1), eth0 (10.0.0.2)", true, true);
    uses("eth0, lo", true, true);
    uses("eth0", false, true);
    uses("eth00 (10.0.0.2), hello (10.0.0.9), lo0", false, false);
    uses("xeth0 (10.0.0.2), eth0", false, true);
    uses("none", false, false);
    uses("none (discovery is off)", false, false);
}

Test(interfaces, are_read_from_the_system)
{
    doctor_facts facts = {0};
    cr_assert(doctor_interfaces_look(&facts));
    const doctor_interface *lo = NULL;
    for (size_t i = 0; i < facts.interface_count; i++) {
        lo = strcmp(facts.interfaces[i].name, "lo") == 0 ? &facts.interfaces[i] : lo;
    }
    cr_assert_not_null(lo);
    cr_assert(lo->is_loopback && lo->is_up && lo->has_link);
    cr_assert_gt(lo->mtu, 1500);
    cr_assert_eq(doctor_facts_interface(&facts, lo->index), lo);
    cr_assert(doctor_interface_has(lo, AF_INET));
    char *addresses = doctor_interface_addresses(lo);
    cr_assert_not_null(strstr(addresses, "127.0.0.1/8"), "%s", addresses);
    free(addresses);
    doctor_facts_fini(&facts);
}

Test(interfaces, reach_what_lies_in_their_networks)
{
    healthy here;
    healthy_init(&here);
    struct in_addr near, far;
    inet_aton("10.0.0.250", &near);
    inet_aton("10.0.1.1", &far);
    cr_assert(doctor_interface_reaches(&here.interfaces[ETH], near));
    cr_assert_not(doctor_interface_reaches(&here.interfaces[ETH], far));
    here.interfaces[ETH].addresses[0].prefix = 0;
    cr_assert(doctor_interface_reaches(&here.interfaces[ETH], far));
    here.interfaces[ETH].count = 0;
    cr_assert_not(doctor_interface_reaches(&here.interfaces[ETH], near));
    cr_assert_null(doctor_facts_interface(&here.facts, 77));
}
