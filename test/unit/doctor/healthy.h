/* SPDX-License-Identifier: MIT
 * Facts of a machine where all is well, for tests to spoil: loopback, eth0 with 10.0.0.2/24, one other bus and one
 * service. Nothing in it is on the heap. */
#ifndef TEST_DOCTOR_HEALTHY_H
#define TEST_DOCTOR_HEALTHY_H

#include "doctor/facts.h"

enum {
    LO,
    ETH
};

typedef struct healthy {
    doctor_facts facts;
    doctor_interface interfaces[2];
    doctor_speaker speaker;
    doctor_peer peer;       /* counted once a test says so */
    doctor_service service; /* likewise */
} healthy;

/** Makes it so; it is not moved afterwards. */
void healthy_init(healthy *self);

#endif
