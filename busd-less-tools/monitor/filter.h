/* SPDX-License-Identifier: MIT
 * The filter: a program for the kernel (classic BPF), which hands us of all packets only what may be Autobus, so that
 * whatever else a machine does costs next to nothing. Pure. */
#ifndef MONITOR_FILTER_H
#define MONITOR_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/ports.h"

enum {
    MONITOR_FILTER_PORTS =
        256, /**< with more ports it takes all of TCP, and whoever reads has to choose */
    MONITOR_FILTER_MOST = 64 + 4 * MONITOR_FILTER_PORTS
};

/** Writes it for packets that begin with their IP header, and returns its length. It takes datagrams from or to
 *  `udp_port`, those that begin as what buses say to each other by unicast, and TCP from or to one of the ports. */
size_t monitor_filter_write(struct sock_filter program[MONITOR_FILTER_MOST], uint16_t udp_port,
                            const monitor_ports *ports);

#endif
