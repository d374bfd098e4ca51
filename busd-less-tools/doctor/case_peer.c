/* SPDX-License-Identifier: MIT
 * What can be wrong with machines that are asked alone: listed peers, and the place that was typed. */
#include <errno.h>
#include <string.h>

#include "doctor/cases.h"
#include "tool/text.h"

typedef bool peer_test(const doctor_peer *peer);

static const doctor_peer *find(const doctor_facts *facts, peer_test *test)
{
    for (size_t i = 0; i < facts->peer_count; i++) {
        if (test(&facts->peers[i])) {
            return &facts->peers[i];
        }
    }
    return NULL;
}

static bool is_undiscovered(const doctor_peer *peer)
{
    return peer->is_place && peer->knock.door == DOCTOR_DOOR_OPEN && !peer->answered;
}

char *doctor_case_place_not_discovered(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, is_undiscovered);
    bool is_bus = facts->service_count > 0 && facts->services[0].bound == AUTOBUS_OK;
    if (peer == NULL || !is_bus || !facts->uses_broadcast) {
        return NULL;
    }
    if (peer->is_beyond) {
        return tool_text_format("%s answers over TCP but lies beyond a router, which no broadcast "
                                "crosses: list it here with --peers %s, and this machine there.",
                                peer->name, peer->host);
    }
    return tool_text_format("%s answers over TCP but not over UDP: a firewall there or on the way "
                            "drops UDP port %u; open it.",
                            peer->name, peer->udp_port);
}

static bool is_nameless(const doctor_peer *peer)
{
    return peer->trouble != NULL;
}

char *doctor_case_peer_without_address(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, is_nameless);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format("The peer %s has no address (%s): correct its name, or write the "
                            "address instead.",
                            peer->name, peer->trouble);
}

static bool is_unroutable(const doctor_peer *peer)
{
    return !peer->answered && (peer->error == ENETUNREACH || peer->error == EHOSTUNREACH);
}

char *doctor_case_peer_without_route(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, is_unroutable);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format("The peer %s cannot be reached (%s)%s: correct its address, or %s.",
                            peer->name, strerror(peer->error),
                            facts->has_default_route ? "" : ", and there is no default route",
                            facts->has_default_route ? "look whether its machine is on"
                                                     : "give this machine a way there");
}

static bool is_deaf(const doctor_peer *peer)
{
    return !peer->answered && peer->error == ECONNREFUSED;
}

char *doctor_case_peer_not_listening(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, is_deaf);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format("The machine of the peer %s is there, but no program on it listens at "
                            "UDP port %u: start one, or correct the port.",
                            peer->name, peer->udp_port);
}

static bool has_only_tcp(const doctor_peer *peer)
{
    return !peer->answered && peer->knock.door == DOCTOR_DOOR_OPEN;
}

char *doctor_case_peer_without_udp(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, has_only_tcp);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format("The peer %s answers over TCP but not over UDP: a firewall there or on "
                            "the way drops UDP port %u; open it.",
                            peer->name, peer->udp_port);
}

static bool has_only_udp(const doctor_peer *peer)
{
    return peer->answered &&
           (peer->knock.door == DOCTOR_DOOR_SHUT || peer->knock.door == DOCTOR_DOOR_SILENT);
}

char *doctor_case_peer_without_tcp(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, has_only_udp);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format("The peer %s answers over UDP, but its TCP port %u lets nobody in: "
                            "open that port in its firewall.",
                            peer->name, peer->tcp_port);
}

static bool is_mute(const doctor_peer *peer)
{
    return !peer->is_place && !peer->answered;
}

char *doctor_case_peer_silent(const doctor_facts *facts)
{
    const doctor_peer *peer = find(facts, is_mute);
    if (peer == NULL) {
        return NULL;
    }
    return tool_text_format(
        "The peer %s says nothing: it is off, offers nothing, does not list this "
        "machine, or a firewall drops UDP port %u; run autobus-doctor there.",
        peer->name, peer->udp_port);
}
