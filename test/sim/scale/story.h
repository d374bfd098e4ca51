/* SPDX-License-Identifier: MIT
 * The life of one simulated network: all start at once, nothing happens for a while, a guest joins, the guest
 * leaves politely, and a bus vanishes right after its last word. */
#ifndef AUTOBUS_TEST_SIM_STORY_H
#define AUTOBUS_TEST_SIM_STORY_H

#include "sim/scale/network.h"

/** All times are seconds, a negative one: it did not come to that. Traffic is UDP payload on the link. */
typedef struct sim_figures {
    sim_plan plan;

    /* All start within 0.1 s. */
    double nearly; /**< until each sampled bus knew 99 % of the services */
    double all;    /**< all of them */
    double known;  /**< share of the services that the worst one knew at the end */
    uint64_t cold_bytes, cold_packets, cold_peak, cold_fetched;
    uint64_t cold_queries, cold_presences, cold_adds, cold_unicast; /**< bytes, of cold_bytes */
    double cold_heard, cold_heard_bytes;                            /**< by each bus */
    double cold_overrun; /**< packets that each lost to full buffers */

    /* Nothing happens. A second, of the whole network: */
    double steady_bytes, steady_presence, steady_adds, steady_unicast;
    double steady_heard; /**< packets heard by each bus */
    double steady_probes;

    double guest_knows;  /**< until it knew all */
    double guest_known;  /**< until all sampled knew of it */
    uint64_t join_bytes; /**< beyond the steady traffic, within five seconds after both */
    double left;         /**< until all had heard a polite goodbye */
    uint64_t left_bytes;
    double vanished; /**< until all believed the death of one that vanished */
    uint64_t false_left;

    uint64_t digest;
    double took, memory; /**< seconds of CPU, MiB */
} sim_figures;

void sim_story(const sim_plan *plan, sim_figures *figures);

#endif
