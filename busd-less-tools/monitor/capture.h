/* SPDX-License-Identifier: MIT
 * A capture: packets in a file as Wireshark, tshark and tcpdump read it. They begin with their IP header. */
#ifndef MONITOR_CAPTURE_H
#define MONITOR_CAPTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "monitor/packet.h"

/** Writes what stands before all packets, and one packet. A failure shows in the stream, by ferror(). */
void monitor_capture_begin(FILE *out);
void monitor_capture_write(const monitor_packet *packet, FILE *out);

#endif
