/* SPDX-License-Identifier: MIT
 * Knocking: whether TCP ports let somebody in. A connection that is made is closed again, nothing said. */
#ifndef DOCTOR_KNOCK_H
#define DOCTOR_KNOCK_H

#include "doctor/facts.h"

typedef struct doctor_knocking {
    int epoll;      /**< readable while there is news */
    size_t waiting; /**< knocks under way */
    struct {
        int fd;
        doctor_knock *told;
    } * all;
    size_t count;
} doctor_knocking;

/** False, with errno, if it cannot begin. doctor_knocking_end() in either case. */
bool doctor_knocking_begin(doctor_knocking *self);

/** Knocks at an address (a name is looked up here); what comes of it is written to *told, at once or by
 *  doctor_knocking_heed(). */
void doctor_knocking_add(doctor_knocking *self, const char *host, uint16_t port,
                         doctor_knock *told);

/** Takes in what has come. */
void doctor_knocking_heed(doctor_knocking *self);

/** Ends it; who has not answered by now is silent. */
void doctor_knocking_end(doctor_knocking *self);

#endif
