/* SPDX-License-Identifier: MIT
 * The connections between buses and their clients that pass by, each put together from its packets. There are at most
 * MONITOR_FLOWS: whatever passes, the one that was silent longest makes room. */
#ifndef MONITOR_FLOWS_H
#define MONITOR_FLOWS_H

#include "monitor/packet.h"
#include "monitor/stream.h"

enum {
    MONITOR_FLOWS = 256
};

typedef enum monitor_flow_news {
    MONITOR_OPENED,
    MONITOR_SAID,
    MONITOR_CLOSED,
    MONITOR_UNREAD /**< bytes of a connection of ours that cannot be understood, since some before them are missing */
} monitor_flow_news;

/** Is shown what a packet has brought; `message` only with MONITOR_SAID, and `size` of it or of what is unread. */
typedef void monitor_flows_fn(void *userdata, monitor_flow_news news, const monitor_packet *packet,
                              const monitor_message *message, size_t size);

typedef struct monitor_flow monitor_flow;

typedef struct monitor_flows {
    monitor_flow *list[MONITOR_FLOWS]; /**< the one heard last first; owned */
    size_t count;
    monitor_flows_fn *told;
    void *userdata;
} monitor_flows;

void monitor_flows_init(monitor_flows *self, monitor_flows_fn *told, void *userdata);
void monitor_flows_fini(monitor_flows *self);

/** Takes a packet of TCP. False if it belongs to something else than Autobus, as far as one can tell. */
bool monitor_flows_take(monitor_flows *self, const monitor_packet *packet);

#endif
