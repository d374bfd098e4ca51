/* SPDX-License-Identifier: MIT
 * The census: from packets as they come in to who speaks, and to whether what we said ourselves came back. Pure. */
#ifndef DOCTOR_CENSUS_H
#define DOCTOR_CENSUS_H

#include <sys/socket.h>

#include "doctor/facts.h"
#include "doctor/packet.h"

/** How a packet came in. */
typedef struct doctor_arrival {
    struct sockaddr_storage source;
    unsigned interface;
    bool is_answer; /**< to the socket that the questions came from */
} doctor_arrival;

/** Counts one datagram. `question` is the id that the doctor's own ask with. Who only asks on this machine, such as the
 *  doctor's bus, is passed over: there is nothing of it to be seen. */
void doctor_census_count(doctor_facts *facts, const char *question, const doctor_arrival *arrival,
                         const char *bytes, size_t length);

#endif
