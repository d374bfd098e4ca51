/* SPDX-License-Identifier: MIT
 * The lines of the monitor: for people, or JSON. What the network said is made harmless here. */
#ifndef MONITOR_PRINT_H
#define MONITOR_PRINT_H

#include <stdio.h>

#include <autobus/listener.h>

#include "monitor/farewells.h"
#include "monitor/flows.h"
#include "monitor/request.h"
#include "monitor/tally.h"

/** A service, or the bus that a service of type autobus.details stands for; `reason` of what has left. */
void monitor_print_change(const monitor_request *request, autobus_change change,
                          const autobus_sighting *sighting, monitor_reason reason, FILE *out);

void monitor_print_datagram(const monitor_request *request, const monitor_packet *packet,
                            const monitor_message *message, FILE *out);

/** What a packet of TCP has brought, as a monitor_flows_fn is told it. */
void monitor_print_flow(const monitor_request *request, monitor_flow_news news,
                        const monitor_packet *packet, const monitor_message *message, size_t size,
                        FILE *out);

/** What was counted in that time, and how many packets were lost. */
void monitor_print_stats(const monitor_request *request, const monitor_tally *tally, double seconds,
                         uint64_t lost, FILE *out);

#endif
