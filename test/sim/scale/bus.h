/* SPDX-License-Identifier: MIT
 * One bus of the simulation: a directory, its place, and what it was told.
 *
 * A speaker's directory is told to have room for nobody (max_buses 0). Before each call the numbers by which
 * it paces itself (how many buses there are, the sum of their ids) are set to what the sampled bus that it
 * looks at has, less itself. */
#ifndef AUTOBUS_TEST_SIM_BUS_H
#define AUTOBUS_TEST_SIM_BUS_H

#include "sim/scale/network.h"

#define SIM_PORT 40000 /**< of every bus's own UDP socket */

typedef enum sim_state {
    SIM_ABSENT, /**< not started, or its process is gone: the host refuses connections */
    SIM_RUNS,
    SIM_VANISHED /**< the host is gone */
} sim_state;

struct sim_bus {
    sim_network *network;
    unsigned index;
    bool is_speaker;
    bool is_alone; /**< stands for itself only, though it is in full */
    sim_state state;
    const sim_bus *view; /**< whose numbers a speaker borrows */
    ab_directory *directory;
    uint64_t id, seed;
    ab_address v4, v6;
    ab_time starts, wakes_at;
    sim_level own[2];   /**< buffers of its own sockets */
    ab_time read_since; /**< speaker: see sim_bus_may_read() */
    unsigned read;      /**< speaker: questions since then */
    int32_t *asked; /**< full: by index, the second in which it last asked that one by unicast */
    unsigned known; /**< services it has been told of, its own too */
    unsigned goal, nearly;           /**< services there are, and 99 % of them */
    ab_time reached, nearly_reached; /**< when it knew them; 0: not yet */
    unsigned of_subject;
};

sim_bus *sim_bus_new(sim_network *network, unsigned index, bool is_speaker);
void sim_bus_free(sim_bus *bus);
void sim_bus_start(sim_bus *bus);
/** The process is gone, after it said all it had to say. */
void sim_bus_end(sim_bus *bus);
/** Say goodbye; sim_bus_end() when ab_directory_is_said(). */
void sim_bus_leave(sim_bus *bus);

/** Call this before any call into its directory. */
void sim_bus_prepare(sim_bus *bus);
/** Hears a question to all. What the whole directory would see from its neighbours is decided here. */
void sim_bus_hear_question(sim_bus *speaker, const ab_packet *query, const ab_origin *origin,
                           const char *bytes, size_t length);
/** More than three askers within 100 ms have one answer together, so a speaker reads a few questions of a
 *  flood and spares us the rest. */
bool sim_bus_may_read(sim_bus *speaker);
void sim_bus_changed(sim_bus *bus, autobus_change change, const char *id);
/** From now on it is counted who knows of that bus. */
void sim_bus_watch(sim_network *network, unsigned index, bool may_leave);

#endif
