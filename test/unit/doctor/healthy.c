/* SPDX-License-Identifier: MIT
 * A machine where all is well. */
#include "unit/doctor/healthy.h"

#include <sys/socket.h>

void healthy_init(healthy *self)
{
    static char pi[] = "pi";
    static char lamp[] = "lamp-1";
    static char address[] = "10.0.0.3:4000";
    *self = (healthy){
        .interfaces =
            {[LO] = {.index = 1,
                     .name = "lo",
                     .is_loopback = true,
                     .is_up = true,
                     .has_link = true,
                     .is_used = true,
                     .mtu = 65536,
                     .count = 1,
                     .addresses = {{.family = AF_INET, .bytes = {127, 0, 0, 1}, .prefix = 8}},
                     .broadcast = {.way = DOCTOR_WAY_BACK}},
             [ETH] = {.index = 2,
                      .name = "eth0",
                      .is_up = true,
                      .has_link = true,
                      .can_broadcast = true,
                      .can_multicast = true,
                      .is_device = true,
                      .is_used = true,
                      .mtu = 1500,
                      .count = 1,
                      .addresses = {{.family = AF_INET, .bytes = {10, 0, 0, 2}, .prefix = 24}},
                      .broadcast = {.way = DOCTOR_WAY_BACK},
                      .multicast = {.way = DOCTOR_WAY_BACK}}},
        .speaker = {.id = "5ee1d0c4b2a39786", .host = "10.0.0.3", .interface = 2, .port = 4000},
        .peer = {.name = pi, .host = "10.0.0.9", .udp_port = 52722},
        .service = {.name = lamp, .address = address, .port = 4000},
    };
    self->facts = (doctor_facts){
        .port = 52722,
        .uses_broadcast = true,
        .has_default_route = true,
        .interfaces = self->interfaces,
        .interface_count = 2,
        .speakers = &self->speaker,
        .speaker_count = 1,
        .peers = &self->peer,
        .services = &self->service,
        .seen = 1,
    };
}
