/* SPDX-License-Identifier: MIT
 * Counting who speaks. */
#include "doctor/census.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

enum {
    MOST_SPEAKERS = 4096 /* more are not told apart any more; whoever floods us gains no memory */
};

static void name_source(const doctor_arrival *arrival, char host[DOCTOR_HOST])
{
    if (getnameinfo((const struct sockaddr *)&arrival->source, sizeof arrival->source, host,
                    DOCTOR_HOST, NULL, 0, NI_NUMERICHOST) != 0) {
        *host = '\0';
    }
}

static void came_back(doctor_facts *facts, const doctor_arrival *arrival)
{
    doctor_interface *it = doctor_facts_interface(facts, arrival->interface);
    if (it == NULL || arrival->is_answer) {
        return;
    }
    bool is_ipv4 = arrival->source.ss_family == AF_INET;
    doctor_attempt *attempt = is_ipv4 ? &it->broadcast : &it->multicast;
    if (attempt->way == DOCTOR_WAY_LOST) {
        attempt->way = DOCTOR_WAY_BACK;
    }
}

static bool is_address_of(const doctor_interface *it, const doctor_arrival *arrival)
{
    for (size_t i = 0; i < it->count; i++) {
        const doctor_address *address = &it->addresses[i];
        if (address->family != arrival->source.ss_family) {
            continue;
        }
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&arrival->source;
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&arrival->source;
        bool is_same = address->family == AF_INET
                           ? memcmp(&v4->sin_addr, address->bytes, sizeof v4->sin_addr) == 0
                           : memcmp(&v6->sin6_addr, address->bytes, sizeof v6->sin6_addr) == 0;
        if (is_same) {
            return true;
        }
    }
    return false;
}

static bool is_from_here(const doctor_facts *facts, const doctor_arrival *arrival)
{
    const doctor_interface *by = doctor_facts_interface(facts, arrival->interface);
    if (by != NULL && by->is_loopback) {
        return true;
    }
    for (size_t i = 0; i < facts->interface_count; i++) {
        if (is_address_of(&facts->interfaces[i], arrival)) {
            return true;
        }
    }
    return false;
}

/* Of IPv6 we hear the link alone. */
static bool is_from_beyond(const doctor_facts *facts, const doctor_arrival *arrival)
{
    const struct sockaddr_in *source = (const struct sockaddr_in *)&arrival->source;
    const doctor_interface *by = doctor_facts_interface(facts, arrival->interface);
    return source->sin_family == AF_INET && by != NULL && !by->is_loopback &&
           !doctor_interface_reaches(by, source->sin_addr);
}

static bool tell_peers(doctor_facts *facts, const char *host, uint16_t port)
{
    bool is_listed = false;
    for (size_t i = 0; i < facts->peer_count; i++) {
        doctor_peer *peer = &facts->peers[i];
        if (strcmp(peer->host, host) == 0) {
            peer->answered = true;
            peer->tcp_port = peer->tcp_port != 0 ? peer->tcp_port : port;
            is_listed = true;
        }
    }
    return is_listed;
}

/* One of ours is known by its id, an old peer by where it speaks from. */
static doctor_speaker *find(const doctor_facts *facts, const doctor_packet *packet,
                            const char *host)
{
    for (size_t i = 0; i < facts->speaker_count; i++) {
        doctor_speaker *it = &facts->speakers[i];
        bool is_same =
            strcmp(it->id, packet->bus) == 0 &&
            (*it->id != '\0' || (strcmp(it->host, host) == 0 &&
                                 (it->port == packet->port || it->port == 0 || packet->port == 0)));
        if (is_same) {
            return it;
        }
    }
    return NULL;
}

static doctor_speaker *add(doctor_facts *facts)
{
    facts->speakers = tool_text_checked(
        reallocarray(facts->speakers, facts->speaker_count + 1, sizeof *facts->speakers));
    doctor_speaker *fresh = &facts->speakers[facts->speaker_count++];
    *fresh = (doctor_speaker){0};
    return fresh;
}

static void note_speaker(doctor_facts *facts, const doctor_arrival *arrival,
                         const doctor_packet *packet, const char *host)
{
    doctor_speaker *it = find(facts, packet, host);
    bool is_listed = tell_peers(facts, host, packet->port);
    if (it == NULL) {
        if (facts->speaker_count >= MOST_SPEAKERS) {
            return;
        }
        it = add(facts);
        memcpy(it->id, packet->bus, sizeof it->id);
        memcpy(it->host, host, sizeof it->host);
        it->interface = arrival->interface;
        it->is_here = is_from_here(facts, arrival);
        it->is_beyond = !is_listed && !it->is_here && is_from_beyond(facts, arrival);
    }
    it->answered = it->answered || arrival->is_answer;
    it->has_twin = it->has_twin || (it->port != 0 && packet->port != 0 && it->port != packet->port);
    it->port = it->port != 0 ? it->port : packet->port;
}

void doctor_census_count(doctor_facts *facts, const char *question, const doctor_arrival *arrival,
                         const char *bytes, size_t length)
{
    doctor_packet packet;
    char host[DOCTOR_HOST] = "";
    name_source(arrival, host);
    if (!doctor_packet_read(&packet, bytes, length)) {
        if (facts->strange++ == 0) {
            memcpy(facts->strange_host, host, sizeof host);
        }
        return;
    }
    if (strcmp(packet.bus, question) == 0) {
        came_back(facts, arrival);
        return;
    }
    if (packet.port == 0 && is_from_here(facts, arrival)) {
        return;
    }
    doctor_interface *by = doctor_facts_interface(facts, arrival->interface);
    if (by != NULL) {
        by->heard++;
    }
    note_speaker(facts, arrival, &packet, host);
}
