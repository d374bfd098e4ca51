/* SPDX-License-Identifier: MIT
 * A link with thousands of buses on virtual time: one heap of events, latency, loss, and receive buffers that
 * overflow. Seeded: the same seed gives the same events. Knows directories by what they send and ask for.
 *
 * Up to a number of buses each has the whole directory. Beyond, some are sampled: they hear, keep and judge
 * everything, like real ones. The others are speakers: the same directory code says all that they say and
 * answers all that they are asked, but what it thinks of its neighbours is borrowed from a sampled one (see
 * bus.h). */
#ifndef AUTOBUS_TEST_SIM_NETWORK_H
#define AUTOBUS_TEST_SIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "directory/directory.h"
#include "sim/scale/meter.h"

typedef struct sim_bus sim_bus;
typedef struct sim_event sim_event;

typedef struct sim_plan {
    unsigned buses,
        services;     /**< services of each, without the introspection that comes with them */
    unsigned sampled; /**< how many have the whole directory */
    unsigned loss;    /**< per mille of the packets, for each receiver */
    uint64_t seed;
} sim_plan;

/** A receive buffer as a level that sinks at the pace of the reader. */
typedef struct sim_level {
    double packets;
    ab_time at;
} sim_level;

/** Who has been told of one bus's services, among the buses with a whole directory. */
typedef struct sim_subject {
    unsigned index;
    bool may_leave;
    unsigned with_all, with_none; /**< how many directories know all of them, or none */
    ab_time told_at;              /**< when that last changed */
} sim_subject;

typedef struct sim_network {
    sim_plan plan;
    ab_time now;
    ab_dice dice;
    sim_bus **buses; /**< the last one is the guest, who comes and goes */
    size_t count;
    unsigned full;     /**< buses with a whole directory that run */
    unsigned weight;   /**< buses that a sampled one stands for */
    unsigned offering; /**< services of a bus, with introspection */
    sim_event *heap;
    size_t heap_count, heap_capacity;
    uint64_t orders;
    sim_level shared[2]; /**< the buffers of the shared port, alike everywhere: IPv4, IPv6 */
    sim_meter meter;
    uint64_t digest; /**< of all that happened */
    sim_subject subject;
    uint64_t false_left; /**< services believed dead that were not */
    sim_bus *doomed;     /**< vanishes with its next presence */
    ab_time doomed_at;   /**< when it did; 0: not yet */
} sim_network;

sim_network *sim_network_new(const sim_plan *plan);
void sim_network_free(sim_network *network);

/** Does the next thing if it is due by then; false: nothing is. */
bool sim_network_step(sim_network *network, ab_time until);
void sim_network_run(sim_network *network, ab_time by);

/** Sees to it that the bus is woken when its directory wants to. */
void sim_network_touch(sim_bus *bus);
/** The actions of a directory whose owner is a sim_bus. */
extern const ab_directory_ops sim_network_ops;

/** Mixes something that happened into the digest. */
void sim_network_note(sim_network *network, uint64_t what, uint64_t who);

#endif
