/* SPDX-License-Identifier: MIT
 * Sends packets to where they belong and says of each packet heard where it came from. Knows sockets and
 * interfaces; what a packet means is the directory's affair. */
#include "discovery/broadcast.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "discovery/route.h"
#include "net/datagram.h"

/** The sockets of one address family. */
typedef struct sockets {
    ab_datagram *own, *shared; /**< NULL: there is no such family, or no shared one is wanted */
} sockets;

typedef struct ab_broadcast {
    ab_source source;
    ab_loop *loop;
    ab_broadcast_config config;
    sockets v4, v6;
    unsigned *joined; /**< indexes of the interfaces on which v6.shared is in the group */
    size_t joined_count;
    uint64_t sent[AB_PACKET_KINDS];
    uint64_t sent_bytes, sent_loopback_bytes, send_failed, heard, heard_bytes;
} ab_broadcast;

/* Hearing. */

bool ab_broadcast_is_fresh(int ttl)
{
    return ttl == -1 || ttl == 1 || ttl == 64 || ttl == 128 || ttl == 255;
}

/* Unicast over loopback arrives on lo, although it was sent to the address of another interface: that is the
 * one it belongs to. What another program of this machine says to us alone is always welcome. */
static bool is_from_used(const ab_broadcast *broadcast, const ab_arrival *arrival, bool is_shared)
{
    const ab_interface *interface =
        ab_interfaces_find(broadcast->config.interfaces, arrival->interface);
    if (interface == NULL)
        return false;
    if (interface->is_used || !interface->is_loopback)
        return interface->is_used;
    if (ab_address_is_loopback(&arrival->source))
        return !is_shared;
    size_t cursor = 0;
    while ((interface = ab_interfaces_next(broadcast->config.interfaces, &cursor)) != NULL) {
        for (size_t i = 0; interface->is_used && i < interface->count; i++) {
            if (ab_address_same_host(&interface->addresses[i].address, &arrival->source))
                return true;
        }
    }
    return false;
}

static bool is_unicast(const ab_broadcast *broadcast, const ab_address *destination)
{
    ab_address everybody = ab_address_v4(0x7fffffffU, 0);
    return ab_interfaces_is_own(broadcast->config.interfaces, destination) &&
           !ab_address_same_host(destination, &everybody);
}

static bool is_own(const ab_broadcast *broadcast, const ab_address *source)
{
    const sockets *pair = source->family == 4 ? &broadcast->v4 : &broadcast->v6;
    if (pair->own == NULL || source->port != ab_datagram_port(pair->own))
        return false;
    /* Our echo may come from an address that we have just been given: no namesake of ours. */
    return ab_interfaces_is_own(broadcast->config.interfaces, source) ||
           ab_interfaces_has_kernel(source);
}

/* The one address by which we know the programs of this machine. */
static bool find_home(const ab_broadcast *broadcast, ab_place *home)
{
    const ab_interface *interface, *best = NULL;
    size_t cursor = 0;
    while ((interface = ab_interfaces_next(broadcast->config.interfaces, &cursor)) != NULL) {
        bool is_better = best == NULL || (interface->is_loopback && !best->is_loopback);
        if (interface->is_used && is_better && ab_routes_first_v4(interface, &home->address)) {
            home->interface = interface->index;
            best = interface;
        }
    }
    return best != NULL;
}

/* Each of our interfaces brings a copy of what another program of this machine says, each from another
 * address: all are the same place. False: this copy is one too many, since it came by IPv6, whose socket has
 * another port. */
static bool take_home(const ab_broadcast *broadcast, const ab_arrival *arrival, ab_origin *origin)
{
    ab_place home;
    const ab_address *source = &arrival->source;
    if (origin->is_own || !ab_interfaces_is_own(broadcast->config.interfaces, source) ||
        !find_home(broadcast, &home) ||
        (ab_address_is_loopback(source) && ab_address_is_loopback(&home.address)))
        return true;
    if (source->family != 4)
        return broadcast->v4.own == NULL;
    home.address.port = source->port;
    origin->from = home;
    return true;
}

static void hear(ab_broadcast *broadcast, const ab_arrival *arrival, bool is_shared,
                 const char *bytes, size_t length)
{
    if (!is_from_used(broadcast, arrival, is_shared))
        return;
    ab_origin origin = {
        .from = {.address = arrival->source, .interface = arrival->interface},
        .is_near = ab_broadcast_is_fresh(arrival->ttl) &&
                   ab_interfaces_on_link(broadcast->config.interfaces, arrival->interface,
                                         &arrival->source),
        .is_shared = is_shared,
        .is_unicast = is_unicast(broadcast, &arrival->destination),
        .is_own = is_own(broadcast, &arrival->source),
    };
    if (!take_home(broadcast, arrival, &origin))
        return;
    if (!origin.is_own) {
        broadcast->heard++;
        broadcast->heard_bytes += length;
    }
    broadcast->config.heard(broadcast->config.owner, &origin, bytes, length);
}

static void heard_by_own(void *owner, const ab_arrival *arrival, const char *bytes, size_t length)
{
    hear(owner, arrival, false, bytes, length);
}

static void heard_by_shared(void *owner, const ab_arrival *arrival, const char *bytes,
                            size_t length)
{
    hear(owner, arrival, true, bytes, length);
}

/* Sending. */

static void send_to(ab_broadcast *broadcast, const ab_route *route, ab_packet_kind kind,
                    const char *bytes, size_t length)
{
    ab_datagram *own = route->to.family == 4 ? broadcast->v4.own : broadcast->v6.own;
    if (own == NULL)
        return;
    int error = ab_datagram_send(own, &route->to, route->interface, &route->source, bytes, length);
    if (error != 0) {
        char text[AB_ADDRESS_TEXT];
        broadcast->send_failed++;
        ab_log(AB_LOG_DEBUG, "can't send to %s: %s", ab_address_text(&route->to, text),
               strerror(error));
        return;
    }
    broadcast->sent[kind]++;
    broadcast->sent_bytes += length;
    if (ab_address_is_loopback(&route->to))
        broadcast->sent_loopback_bytes += length;
}

/* The kernel brings a directed broadcast to the programs of this machine too: loopback would wake them once
 * more for the same news. */
static bool can_broadcast(const ab_broadcast *broadcast)
{
    const ab_interface *interface;
    size_t cursor = 0;
    while ((interface = ab_interfaces_next(broadcast->config.interfaces, &cursor)) != NULL) {
        ab_route routes[AB_ROUTES];
        if (!interface->is_loopback &&
            ab_routes_choose(interface, AB_REACH_EACH, AB_PACKET_PRESENCE, 0, routes) > 0 &&
            routes[0].to.family == 4)
            return true;
    }
    return false;
}

static void send_packet(ab_source *source, ab_reach reach, const ab_place *to, ab_packet_kind kind,
                        const char *bytes, size_t length)
{
    ab_broadcast *broadcast = AB_CONTAINER(source, ab_broadcast, source);
    if (reach == AB_REACH_ONE) {
        ab_route route = {.to = to->address, .interface = to->interface};
        send_to(broadcast, &route, kind, bytes, length);
        return;
    }
    if (broadcast->config.is_for_peers)
        return;
    bool is_heard_at_home = reach == AB_REACH_EACH && can_broadcast(broadcast);
    for (int turn = 0; turn < 2; turn++) {
        bool is_loopback_turn = ab_routes_loopback_first(kind) == (turn == 0);
        const ab_interface *interface;
        size_t cursor = 0;
        while ((interface = ab_interfaces_next(broadcast->config.interfaces, &cursor)) != NULL) {
            ab_route routes[AB_ROUTES];
            if (interface->is_loopback != is_loopback_turn ||
                (interface->is_loopback && is_heard_at_home))
                continue;
            size_t count = ab_routes_choose(interface, reach, kind, broadcast->config.port, routes);
            for (size_t i = 0; i < count; i++)
                send_to(broadcast, &routes[i], kind, bytes, length);
        }
    }
}

/* The group. */

static bool can_join(const ab_interface *interface)
{
    return interface->is_used && interface->can_multicast && !interface->is_loopback;
}

/* A membership dies with its device, yet counts against the socket until it is left. */
static void leave_lost(ab_broadcast *broadcast)
{
    size_t kept = 0;
    for (size_t i = 0; i < broadcast->joined_count; i++) {
        unsigned index = broadcast->joined[i];
        ab_address group = ab_routes_group(index, 0);
        if (ab_interfaces_find(broadcast->config.interfaces, index) != NULL)
            broadcast->joined[kept++] = index;
        else
            ab_datagram_leave(broadcast->v6.shared, &group, index);
    }
    broadcast->joined_count = kept;
}

static bool has_joined(const ab_broadcast *broadcast, unsigned index)
{
    for (size_t i = 0; i < broadcast->joined_count; i++) {
        if (broadcast->joined[i] == index)
            return true;
    }
    return false;
}

void ab_broadcast_join(ab_source *source)
{
    ab_broadcast *broadcast = AB_CONTAINER(source, ab_broadcast, source);
    const ab_interface *interface;
    size_t cursor = 0;
    if (broadcast->v6.shared == NULL)
        return;
    leave_lost(broadcast);
    while ((interface = ab_interfaces_next(broadcast->config.interfaces, &cursor)) != NULL) {
        ab_address group = ab_routes_group(interface->index, 0);
        /* Again even where we are: the device may have been made anew under its old index. */
        if (!can_join(interface) ||
            !ab_datagram_join(broadcast->v6.shared, &group, interface->index))
            continue;
        if (has_joined(broadcast, interface->index))
            continue;
        broadcast->joined =
            ab_realloc(broadcast->joined, broadcast->joined_count + 1, sizeof *broadcast->joined);
        broadcast->joined[broadcast->joined_count++] = interface->index;
    }
}

/* Opening and closing. */

static void close_pair(sockets *pair) AB_LOCKED
{
    ab_datagram_close(pair->own);
    ab_datagram_close(pair->shared);
    *pair = (sockets){0};
}

/* Where no shared one is open here, other programs of this machine may still want to open theirs. */
static autobus_result open_own(ab_broadcast *broadcast, const ab_datagram_config *config,
                               ab_datagram **ret) AB_LOCKED
{
    autobus_result result = ab_datagram_open(broadcast->loop, config, ret);
    if (result != AUTOBUS_OK || ab_datagram_port(*ret) != broadcast->config.port)
        return result;
    ab_datagram *unlucky = *ret;
    result = ab_datagram_open(broadcast->loop, config, ret);
    ab_datagram_close(unlucky);
    return result;
}

static autobus_result open_pair(ab_broadcast *broadcast, int family, sockets *pair) AB_LOCKED
{
    ab_datagram_config own = {.family = family, .heard = heard_by_own, .owner = broadcast};
    ab_datagram_config shared = {.family = family,
                                 .port = broadcast->config.port,
                                 .is_shared = true,
                                 .heard = heard_by_shared,
                                 .owner = broadcast};
    autobus_result result = AUTOBUS_OK;
    /* First, or the kernel may choose its very port for our own socket, and keep everybody from it. */
    if (!broadcast->config.is_for_peers)
        result = ab_datagram_open(broadcast->loop, &shared, &pair->shared);
    if (result == AUTOBUS_OK)
        result = open_own(broadcast, &own, &pair->own);
    if (result == AUTOBUS_IN_USE)
        ab_fail(
            result,
            "UDP port %u is in use by a program that does not share it; end that program, or choose another "
            "discovery port (AUTOBUS_PORT) for everybody on this network",
            (unsigned)shared.port);
    if (result != AUTOBUS_OK)
        close_pair(pair);
    return result;
}

static uint64_t count_late(const sockets *pair)
{
    return (pair->own == NULL ? 0 : ab_datagram_overflows(pair->own)) +
           (pair->shared == NULL ? 0 : ab_datagram_overflows(pair->shared));
}

static uint64_t tell_stat(ab_source *source, autobus_stat which)
{
    const ab_broadcast *broadcast = AB_CONTAINER(source, ab_broadcast, source);
    uint64_t packets = 0;
    switch (which) {
    case AUTOBUS_STAT_SENT_PACKETS:
        for (size_t i = 0; i < AB_PACKET_KINDS; i++)
            packets += broadcast->sent[i];
        return packets;
    case AUTOBUS_STAT_SENT_BYTES: return broadcast->sent_bytes;
    case AUTOBUS_STAT_SENT_QUERY: return broadcast->sent[AB_PACKET_QUERY];
    case AUTOBUS_STAT_SENT_ADD: return broadcast->sent[AB_PACKET_ADD];
    case AUTOBUS_STAT_SENT_REMOVE: return broadcast->sent[AB_PACKET_REMOVE];
    case AUTOBUS_STAT_SENT_PRESENCE: return broadcast->sent[AB_PACKET_PRESENCE];
    case AUTOBUS_STAT_SENT_LOOPBACK_BYTES: return broadcast->sent_loopback_bytes;
    case AUTOBUS_STAT_DROPPED_LATE: return count_late(&broadcast->v4) + count_late(&broadcast->v6);
    case AUTOBUS_STAT_SEND_FAILED: return broadcast->send_failed;
    case AUTOBUS_STAT_HEARD_PACKETS: return broadcast->heard;
    case AUTOBUS_STAT_HEARD_BYTES: return broadcast->heard_bytes;
    default: return 0;
    }
}

static char *tell_text(ab_source *source)
{
    const ab_broadcast *broadcast = AB_CONTAINER(source, ab_broadcast, source);
    return broadcast->config.is_for_peers ? NULL : ab_interfaces_text(broadcast->config.interfaces);
}

static void free_broadcast(ab_source *source) AB_LOCKED
{
    ab_broadcast *broadcast = AB_CONTAINER(source, ab_broadcast, source);
    close_pair(&broadcast->v6);
    close_pair(&broadcast->v4);
    free(broadcast->joined);
    free(broadcast);
}

static const ab_source_class broadcast_class = {
    .name = "broadcast",
    .send = send_packet,
    .text = tell_text,
    .stat = tell_stat,
    .free = free_broadcast,
};

autobus_result ab_broadcast_new(ab_loop *loop, const ab_broadcast_config *config, ab_source **ret)
{
    ab_broadcast *broadcast = ab_alloc(1, sizeof *broadcast);
    broadcast->source.class = &broadcast_class;
    broadcast->loop = loop;
    broadcast->config = *config;
    /* IPv4 last: if both fail, its sentence is the one that people understand. */
    autobus_result v6 = open_pair(broadcast, 6, &broadcast->v6);
    autobus_result v4 = v6 == AUTOBUS_IN_USE ? v6 : open_pair(broadcast, 4, &broadcast->v4);
    if (v4 == AUTOBUS_IN_USE || (v4 != AUTOBUS_OK && v6 != AUTOBUS_OK)) {
        free_broadcast(&broadcast->source);
        return v4;
    }
    /* A neighbour says a thing by IPv4 first: so it appears at an address that people can read. */
    if (broadcast->v6.shared != NULL && broadcast->v4.shared != NULL)
        ab_datagram_read_after(broadcast->v6.shared, broadcast->v4.shared);
    ab_broadcast_join(&broadcast->source);
    *ret = &broadcast->source;
    return AUTOBUS_OK;
}
