/* SPDX-License-Identifier: MIT
 * The interfaces of this machine, as the system tells of them. */
#ifndef DOCTOR_INTERFACES_H
#define DOCTOR_INTERFACES_H

#include "doctor/facts.h"

/** Reads them, and whether there is a default route. Those that are up count as used, until more is known. False, with
 *  errno, if the system does not tell. */
bool doctor_interfaces_look(doctor_facts *facts);

/** Notes which of them the library speaks on, from autobus_bus_interfaces(). */
void doctor_interfaces_note_used(doctor_facts *facts, const char *used);

#endif
