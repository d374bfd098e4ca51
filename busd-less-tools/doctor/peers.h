/* SPDX-License-Identifier: MIT
 * The peers: who is to be asked alone, and where that is. */
#ifndef DOCTOR_PEERS_H
#define DOCTOR_PEERS_H

#include "doctor/facts.h"
#include "tool/place.h"

/** Adds those of a list as --peers takes it, host[:port] with commas; `list` NULL or empty: none. Looks names up here,
 *  which may take as long as the name servers do. */
void doctor_peers_add_listed(doctor_facts *facts, const char *list);

/** Adds the machine of a place, unless that is this one. */
void doctor_peers_add_place(doctor_facts *facts, const tool_place *place);

#endif
