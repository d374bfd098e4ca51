/* SPDX-License-Identifier: MIT
 * Chooses where packets go. Knows what an interface can do and which peers listen where; sends nothing. */
#include "discovery/route.h"

#include <string.h>

#define LOOPBACK_BROADCAST 0x7fffffffU
#define LIMITED_BROADCAST  0xffffffffU

/* ff12::61:7574:6f62:7573: transient, link-local, and "autobus" behind it. */
static const uint8_t group_bytes[16] = {0xff, 0x12, [9] = 'a', 'u', 't', 'o', 'b', 'u', 's'};

ab_address ab_routes_group(unsigned interface, uint16_t port)
{
    ab_address group = {.family = 6, .port = port, .scope = interface};
    memcpy(group.bytes, group_bytes, sizeof group_bytes);
    return group;
}

bool ab_routes_loopback_first(ab_packet_kind kind)
{
    return kind != AB_PACKET_REMOVE;
}

static const ab_interface_address *first_of(const ab_interface *interface, unsigned family)
{
    for (size_t i = 0; i < interface->count; i++) {
        if (interface->addresses[i].address.family == family)
            return &interface->addresses[i];
    }
    return NULL;
}

bool ab_routes_first_v4(const ab_interface *interface, ab_address *address)
{
    const ab_interface_address *first = first_of(interface, 4);
    if (first == NULL)
        return false;
    *address = first->address;
    return true;
}

static bool is_for_legacy(ab_packet_kind kind)
{
    return kind == AB_PACKET_QUERY || kind == AB_PACKET_ADD || kind == AB_PACKET_REMOVE;
}

static size_t add_group(const ab_interface *interface, uint16_t port, ab_route *route)
{
    if (!interface->can_multicast || first_of(interface, 6) == NULL)
        return 0;
    *route =
        (ab_route){.to = ab_routes_group(interface->index, port), .interface = interface->index};
    return 1;
}

static size_t add_limited(const ab_interface *interface, uint16_t port, ab_route *route)
{
    if (!interface->can_broadcast || first_of(interface, 4) == NULL)
        return 0;
    *route =
        (ab_route){.to = ab_address_v4(LIMITED_BROADCAST, port), .interface = interface->index};
    return 1;
}

/* At most `limit` directed broadcasts, each from the address whose network it is for: receivers take that
 * address as our location. */
static size_t add_directed(const ab_interface *interface, uint16_t port, ab_route *routes,
                           size_t limit)
{
    size_t count = 0;
    if (!interface->can_broadcast)
        return 0;
    for (size_t i = 0; i < interface->count && count < limit; i++) {
        const ab_interface_address *address = &interface->addresses[i];
        if (address->broadcast.family != 4)
            continue;
        ab_route *route = &routes[count++];
        *route = (ab_route){
            .to = address->broadcast, .source = address->address, .interface = interface->index};
        route->to.port = port;
        route->source.port = 0;
    }
    return count;
}

static size_t add_loopback(const ab_interface *interface, uint16_t port, ab_route *route)
{
    if (first_of(interface, 4) == NULL)
        return 0;
    *route =
        (ab_route){.to = ab_address_v4(LOOPBACK_BROADCAST, port), .interface = interface->index};
    return 1;
}

/* One is enough for a peer of our own kind on that link; the limited broadcast is the last resort of an
 * address without a network, such as 10.0.0.1/32. */
static size_t choose_one(const ab_interface *interface, uint16_t port, ab_route *route)
{
    if (add_directed(interface, port, route, 1) > 0 || add_group(interface, port, route) > 0)
        return 1;
    return add_limited(interface, port, route);
}

size_t ab_routes_choose(const ab_interface *interface, ab_reach reach, ab_packet_kind kind,
                        uint16_t port, ab_route routes[AB_ROUTES])
{
    if (!interface->is_used || reach == AB_REACH_ONE)
        return 0;
    if (interface->is_loopback)
        return add_loopback(interface, port, routes);
    if (reach == AB_REACH_LOOPBACK)
        return 0;
    if (reach == AB_REACH_LEGACY)
        return add_limited(interface, port, routes);
    if (reach == AB_REACH_EACH)
        return choose_one(interface, port, routes);
    size_t count = add_directed(interface, port, routes, AB_INTERFACE_ADDRESSES);
    if (is_for_legacy(kind) || count == 0)
        count += add_limited(interface, port, &routes[count]);
    return count + add_group(interface, port, &routes[count]);
}
