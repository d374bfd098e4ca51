/* SPDX-License-Identifier: MIT
 * What a simulated network carried. A unicast packet of a sampled bus counts for all the buses that it stands
 * for; a packet for everybody counts once for each of its copies on the link. */
#ifndef AUTOBUS_TEST_SIM_METER_H
#define AUTOBUS_TEST_SIM_METER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "wire/datagram.h"

typedef struct sim_count {
    uint64_t packets, bytes;
} sim_count;

typedef struct sim_meter {
    sim_count sent[AB_PACKET_KINDS]; /**< UDP payload on the link; loopback is not counted */
    sim_count unicast;               /**< of these, to one bus */
    sim_count heard;                 /**< by the directories that are simulated in full */
    uint64_t overrun;                /**< what these lost to full receive buffers */
    uint64_t lost;                   /**< and to the link */
    uint64_t probes;
    sim_count fetched; /**< over TCP: fetches, and bytes of lists */
    ab_time slot;      /**< the tenth of a second that is being counted */
    uint64_t slot_bytes, peak_bytes;
} sim_meter;

void sim_meter_sent(sim_meter *meter, ab_time now, ab_packet_kind kind, size_t length,
                    uint64_t packets);
/** From now on only what comes counts for the peak. */
void sim_meter_forget_peak(sim_meter *meter);
sim_count sim_meter_all(const sim_meter *meter);
/** Bytes a second in the busiest tenth of a second. */
uint64_t sim_meter_peak(const sim_meter *meter);

#endif
