/* SPDX-License-Identifier: MIT
 * A route: one destination of a packet, with the interface it leaves by and the address it comes from. Pure:
 * interfaces go in, destinations come out. */
#ifndef AB_DISCOVERY_ROUTE_H
#define AB_DISCOVERY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "directory/directory.h"
#include "net/interfaces.h"
#include "wire/datagram.h"

typedef struct ab_route {
    ab_address to;
    ab_address source; /**< family 0: the kernel chooses */
    unsigned interface;
} ab_route;

/** The most that one interface has: each address, the limited broadcast, and the group. */
#define AB_ROUTES (AB_INTERFACE_ADDRESSES + 2)

/** The routes of one interface to `port` for any reach but AB_REACH_ONE; how many. None if it is not used. Only
 *  what legacy peers understand goes to 255.255.255.255. */
size_t ab_routes_choose(const ab_interface *interface, ab_reach reach, ab_packet_kind kind,
                        uint16_t port, ab_route routes[AB_ROUTES]);
/** True if loopback is served before the other interfaces. A goodbye goes there last, as legacy peers have it:
 *  the other way round, a program on the same machine would hear of a better location just to lose it. */
bool ab_routes_loopback_first(ab_packet_kind kind);
/** The interface's first IPv4 address, without a port; false: it has none. */
bool ab_routes_first_v4(const ab_interface *interface, ab_address *address);
/** Our IPv6 group, link-local, on one interface. */
ab_address ab_routes_group(unsigned interface, uint16_t port);

#endif
