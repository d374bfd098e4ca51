/* SPDX-License-Identifier: MIT
 * The ear: whatever packets this program may hear. With CAP_NET_RAW that is all of Autobus that passes this machine's
 * interfaces; else the datagrams that are sent to everybody. */
#ifndef MONITOR_EAR_H
#define MONITOR_EAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/packet.h"
#include "monitor/ports.h"

enum {
    MONITOR_SOCKETS = 3
};

/** Is shown a packet, borrowed. */
typedef void monitor_ear_fn(void *userdata, const monitor_packet *packet);

typedef struct monitor_ear {
    int epoll;                /**< readable while something waits to be heard */
    int fds[MONITOR_SOCKETS]; /**< on the port, IPv4 and IPv6; the tap. -1: there is none */
    uint32_t lost[MONITOR_SOCKETS];
    uint16_t port;
    monitor_ear_fn *heard;
    void *userdata;
} monitor_ear;

/** Opens it, with `heard` and `userdata` set. Before a bus is: of several programs a datagram to one machine goes to
 *  that which came last, and that shall not be us. False, with errno, if it cannot be; monitor_ear_close() in either
 *  case. */
bool monitor_ear_open(monitor_ear *self, uint16_t port, const monitor_ports *ports);
void monitor_ear_close(monitor_ear *self);

/** Whether there is a tap, and TCP is heard. */
bool monitor_ear_has_tap(const monitor_ear *self);
/** Without a tap: hears the IPv6 group on these interfaces, of which autobus_bus_interfaces() tells. */
void monitor_ear_join(const monitor_ear *self, const char *interfaces);
/** With a tap: hears these ports too. */
void monitor_ear_choose(const monitor_ear *self, const monitor_ports *ports);

/** Shows what waits; not all of it, if it comes faster than it is shown. */
void monitor_ear_hear(monitor_ear *self);

/** How many packets came faster than they were read, and were lost. */
uint64_t monitor_ear_lost(const monitor_ear *self);

#endif
