/* SPDX-License-Identifier: MIT
 * What will happen, in a heap by time. Events at the same time happen in the order they were pushed. */
#ifndef AUTOBUS_TEST_SIM_EVENT_H
#define AUTOBUS_TEST_SIM_EVENT_H

#include "sim/scale/network.h"

typedef enum sim_event_kind {
    SIM_EVENT_START,
    SIM_EVENT_WAKE,
    SIM_EVENT_TO_ALL,
    SIM_EVENT_TO_ONE,
    SIM_EVENT_PROBED,
    SIM_EVENT_FETCHED
} sim_event_kind;

struct sim_event {
    ab_time at;
    uint64_t order;
    sim_event_kind kind;
    unsigned weight;   /**< packets of that kind that arrive together */
    sim_bus *bus;      /**< whom it happens to; to all: who sent it */
    sim_bus *other;    /**< who sent it, or is visited; NULL: nobody is there */
    ab_text *bytes;    /**< a packet's; the event has a reference */
    uint64_t token;    /**< of a probe or fetch */
    uint8_t copies[2]; /**< to all: by IPv4 and IPv6 */
    bool is_v6;
    bool is_good; /**< the probe found somebody */
};

void sim_event_push(sim_network *network, const sim_event *event);
/** False: none is due by then. */
bool sim_event_pop(sim_network *network, ab_time until, sim_event *event);

#endif
