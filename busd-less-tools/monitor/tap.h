/* SPDX-License-Identifier: MIT
 * The tap: the packets that pass this machine's interfaces, for whoever may see them (CAP_NET_RAW). */
#ifndef MONITOR_TAP_H
#define MONITOR_TAP_H

#include <stdint.h>

#include "monitor/ports.h"

/** A socket that hears packets of these ports and of nothing else, from their IP header on. -1 with errno: EPERM where
 *  we may not. */
int monitor_tap_open(uint16_t udp_port, const monitor_ports *ports);
/** Takes further ports from now on. */
void monitor_tap_choose(int tap, uint16_t udp_port, const monitor_ports *ports);

#endif
