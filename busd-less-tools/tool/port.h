/* SPDX-License-Identifier: MIT
 * Discovery's port: sockets on it beside those of the library, for tools that look at packets themselves. */
#ifndef TOOL_PORT_H
#define TOOL_PORT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/** A socket for datagrams of that family, which does not wait and tells of each packet where it came in: on `port`,
 *  shared with every program of this machine that asks for that, or with 0 on one of its own. -1 with errno. */
int tool_port_open(int family, uint16_t port);

/** The IPv6 group that buses are in, and being in it on an interface. One that cannot is passed over. */
struct in6_addr tool_port_group(void);
void tool_port_join(int fd, unsigned interface);

/** The interface that a packet came in by, 0 if it is not told; and into `ret_to`, unless it is NULL, the address that
 *  it was sent to: 4 bytes of IPv4 or 16 of IPv6. */
unsigned tool_port_arrival(struct msghdr *message, void *ret_to);

/** Whether the library speaks on that interface, as autobus_bus_interfaces() tells. */
bool tool_port_is_used(const char *interfaces, const char *name);

#endif
