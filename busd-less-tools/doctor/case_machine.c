/* SPDX-License-Identifier: MIT
 * What can be wrong with this machine. */
#include <errno.h>
#include <string.h>

#include "doctor/cases.h"
#include "tool/text.h"

char *doctor_case_port_held(const doctor_facts *facts)
{
    if (!facts->port_is_held || !facts->uses_broadcast) {
        return NULL;
    }
    return tool_text_format("UDP port %u is held by %s, which does not share it: end that program, "
                            "or give all of yours another port with AUTOBUS_PORT.",
                            facts->port, facts->holder);
}

char *doctor_case_discovery_off(const doctor_facts *facts)
{
    if (facts->uses_broadcast || facts->uses_avahi || facts->is_place) {
        return NULL;
    }
    return tool_text_format("Discovery is off, so nothing can be seen: take 'none' away from "
                            "AUTOBUS_DISCOVERY or --discovery.");
}

char *doctor_case_no_avahi(const doctor_facts *facts)
{
    if (!facts->uses_avahi || facts->uses_broadcast || facts->has_avahi_daemon) {
        return NULL;
    }
    return tool_text_format("Discovery goes through avahi alone, and no avahi-daemon runs on this "
                            "machine: start it, or add 'broadcast' to AUTOBUS_DISCOVERY.");
}

char *doctor_case_all_down(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (facts->interfaces[i].is_up) {
            return NULL;
        }
    }
    return tool_text_format("No network interface is up, not even loopback: switch it on with "
                            "'ip link set lo up'.");
}

static bool leads_out(const doctor_interface *interface)
{
    return !interface->is_loopback && interface->is_up && interface->has_link;
}

static bool has_way_out(const doctor_facts *facts)
{
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (leads_out(&facts->interfaces[i])) {
            return true;
        }
    }
    return false;
}

/* The one that most probably should lead out: hardware before what software made up. */
static const doctor_interface *most_meant(const doctor_facts *facts, bool is_up)
{
    const doctor_interface *found = NULL;
    for (size_t i = 0; i < facts->interface_count; i++) {
        const doctor_interface *it = &facts->interfaces[i];
        bool fits = !it->is_loopback && it->can_broadcast && it->is_up == is_up && !it->has_link;
        if (fits && (found == NULL || (it->is_device && !found->is_device))) {
            found = it;
        }
    }
    return found;
}

char *doctor_case_no_link(const doctor_facts *facts)
{
    const doctor_interface *meant = has_way_out(facts) ? NULL : most_meant(facts, true);
    if (meant == NULL) {
        return NULL;
    }
    return tool_text_format("%s has no link: plug in its cable or join its network, and look at "
                            "the switch or the access point at the other end.",
                            meant->name);
}

char *doctor_case_switched_off(const doctor_facts *facts)
{
    const doctor_interface *meant = has_way_out(facts) ? NULL : most_meant(facts, false);
    if (meant == NULL || !meant->is_device) {
        return NULL;
    }
    return tool_text_format("%s is switched off: switch it on with 'ip link set %s up'.",
                            meant->name, meant->name);
}

char *doctor_case_only_loopback(const doctor_facts *facts)
{
    if (has_way_out(facts)) {
        return NULL;
    }
    return tool_text_format("This machine has no interface but loopback, so nothing on others can "
                            "be seen: connect it to their network, or a container to its host's.");
}

char *doctor_case_left_out(const doctor_facts *facts)
{
    const doctor_interface *left_out = NULL;
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (!leads_out(&facts->interfaces[i])) {
            continue;
        }
        if (facts->interfaces[i].is_used) {
            return NULL;
        }
        left_out = left_out != NULL ? left_out : &facts->interfaces[i];
    }
    if (left_out == NULL) {
        return NULL;
    }
    return tool_text_format("%s is up, but left out of AUTOBUS_INTERFACES or --interfaces: name it "
                            "there.",
                            left_out->name);
}

char *doctor_case_no_address(const doctor_facts *facts)
{
    const doctor_interface *bare = NULL;
    for (size_t i = 0; i < facts->interface_count; i++) {
        const doctor_interface *it = &facts->interfaces[i];
        if (leads_out(it) && it->is_used && doctor_interface_has(it, AF_INET)) {
            return NULL;
        }
        bare = bare == NULL && leads_out(it) && it->is_used ? it : bare;
    }
    if (bare == NULL || doctor_facts_speakers(facts, false) > 0) {
        return NULL;
    }
    return tool_text_format("%s has a link but no IPv4 address: give it one, or look why the "
                            "network's DHCP server does not.",
                            bare->name);
}

/* What others would hear by it: broadcasts, or multicasts where there are no broadcasts. */
static doctor_attempt attempt_of(const doctor_interface *interface)
{
    return interface->broadcast.way != DOCTOR_WAY_UNTRIED ? interface->broadcast
                                                          : interface->multicast;
}

static bool is_denial(int error)
{
    return error == EPERM || error == EACCES;
}

/* The first of which this became, those that lead out before loopback. */
static const doctor_interface *first_of(const doctor_facts *facts, doctor_way way, bool denied)
{
    const doctor_interface *found = NULL;
    for (size_t i = 0; i < facts->interface_count; i++) {
        const doctor_interface *it = &facts->interfaces[i];
        doctor_attempt attempt = attempt_of(it);
        bool fits = attempt.way == way && is_denial(attempt.error) == denied;
        if (fits && (found == NULL || (found->is_loopback && !it->is_loopback))) {
            found = it;
        }
    }
    return found;
}

char *doctor_case_denied(const doctor_facts *facts)
{
    const doctor_interface *it = first_of(facts, DOCTOR_WAY_REFUSED, true);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("The system lets no broadcast out by %s (%s): a firewall or a routing "
                            "rule on this machine forbids UDP to port %u; allow it.",
                            it->name, strerror(attempt_of(it).error), facts->port);
}

char *doctor_case_cannot_send(const doctor_facts *facts)
{
    const doctor_interface *it = first_of(facts, DOCTOR_WAY_REFUSED, false);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("Nothing can be sent by %s (%s): look at the interface with 'ip "
                            "address show %s', or leave it out with --interfaces '!%s'.",
                            it->name, strerror(attempt_of(it).error), it->name, it->name);
}

char *doctor_case_not_let_in(const doctor_facts *facts)
{
    const doctor_interface *it = first_of(facts, DOCTOR_WAY_LOST, false);
    if (it == NULL) {
        return NULL;
    }
    return tool_text_format("What comes by %s to UDP port %u does not reach programs, not even "
                            "what this machine says itself: a firewall here drops it; open the "
                            "port.",
                            it->name, facts->port);
}
