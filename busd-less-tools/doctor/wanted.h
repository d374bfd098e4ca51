/* SPDX-License-Identifier: MIT
 * What is wanted: the service that was asked for, whether it is seen, and whether it can be used; else whether those
 * that are heard let somebody in. */
#ifndef DOCTOR_WANTED_H
#define DOCTOR_WANTED_H

#include "doctor/facts.h"
#include "doctor/request.h"
#include "tool/session.h"

/** Looks for it among what the bus sees now, and tries it. Nothing is added to the lists of speakers and peers. */
void doctor_wanted_look(doctor_facts *facts, const doctor_request *request, tool_session *session);

#endif
