/* SPDX-License-Identifier: MIT
 * Adding up. Knows no buses. */
#include "sim/scale/meter.h"

#include "base/compiler.h"

#define SLOTS_A_SECOND 10

void sim_meter_sent(sim_meter *meter, ab_time now, ab_packet_kind kind, size_t length,
                    uint64_t packets)
{
    ab_time slot = now / (AB_MS(1000) / SLOTS_A_SECOND);
    if (slot != meter->slot)
        meter->slot_bytes = 0;
    meter->slot = slot;
    meter->slot_bytes += packets * length;
    meter->peak_bytes = AB_MAX(meter->peak_bytes, meter->slot_bytes);
    meter->sent[kind].packets += packets;
    meter->sent[kind].bytes += packets * length;
}

void sim_meter_forget_peak(sim_meter *meter)
{
    meter->slot_bytes = meter->peak_bytes = 0;
}

sim_count sim_meter_all(const sim_meter *meter)
{
    sim_count all = {0};
    for (size_t i = 0; i < AB_PACKET_KINDS; i++) {
        all.packets += meter->sent[i].packets;
        all.bytes += meter->sent[i].bytes;
    }
    return all;
}

uint64_t sim_meter_peak(const sim_meter *meter)
{
    return meter->peak_bytes * SLOTS_A_SECOND;
}
