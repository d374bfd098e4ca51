/* SPDX-License-Identifier: MIT
 * The TCP ports of buses: those that have been told since we listen. None is forgotten, for what goes on there after a
 * bus has left belongs to it. Pure. */
#ifndef MONITOR_PORTS_H
#define MONITOR_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct monitor_ports {
    uint64_t bits[1024]; /**< one for each port there is */
    size_t count;
    bool is_changed; /**< set with each that is new; whoever cares clears it */
} monitor_ports;

/** Adds it; 0 is none. */
void monitor_ports_add(monitor_ports *self, uint16_t port);
bool monitor_ports_has(const monitor_ports *self, uint16_t port);
/** The lowest that is above `port`; 0 behind the last. Start with 0. */
uint16_t monitor_ports_next(const monitor_ports *self, uint16_t port);

#endif
