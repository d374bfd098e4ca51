/* SPDX-License-Identifier: MIT
 * The ear: the doctor's own sockets on discovery's port, by which it asks everybody and hears what comes, its own
 * questions included. The system hands a broadcast or multicast that leaves also to the machine's own programs, through
 * the same firewall as those of others: so what does not come back would not come in either. Whether it reached the
 * wire cannot be seen from here; only who answers tells that. */
#ifndef DOCTOR_EAR_H
#define DOCTOR_EAR_H

#include "doctor/facts.h"

typedef struct doctor_ear {
    doctor_facts *facts;
    int epoll;     /**< readable while something waits to be heard */
    int shared[2]; /**< on the port, IPv4 and IPv6; -1: there is none */
    int own[2];    /**< that ask and are answered at */
    char id[17];   /**< of the bus that asks */
} doctor_ear;

/** Opens it; nothing is read before doctor_ear_hear(). Before a bus is: of several programs a datagram to one machine
 *  goes to that which came last, and that shall not be us. A port that is held is a fact, and then only `own` is there.
 *  False, with errno, if it cannot be opened at all. doctor_ear_close() in either case. */
bool doctor_ear_open(doctor_ear *self, doctor_facts *facts);
void doctor_ear_close(doctor_ear *self);

/** Asks everybody by each interface that is used, and each peer by itself. */
void doctor_ear_ask(doctor_ear *self);

/** Counts what waits. */
void doctor_ear_hear(doctor_ear *self);

#endif
