/* SPDX-License-Identifier: MIT
 * The findings: the facts one by one, each with a line for people and, for programs, its parts. Pure. */
#ifndef DOCTOR_FINDINGS_H
#define DOCTOR_FINDINGS_H

#include <json-c/json_types.h>

#include "doctor/facts.h"

typedef enum doctor_state {
    DOCTOR_FINE,
    DOCTOR_NOTE, /**< worth knowing; no trouble by itself */
    DOCTOR_BAD
} doctor_state;

/** "ok", "note" or "bad". */
const char *doctor_state_name(doctor_state state);

typedef struct doctor_finding {
    const char
        *check;    /**< "port", "interface", "heard", "bus", "ids", "avahi", "peer" or "service" */
    char *subject; /**< which one; owned, "" where there is but one */
    doctor_state state;
    char *text;           /**< what was found; owned, and not yet clean */
    json_object *details; /**< a map; owned */
} doctor_finding;

typedef struct doctor_findings {
    doctor_finding *list;
    size_t count;
} doctor_findings;

void doctor_findings_make(doctor_findings *self, const doctor_facts *facts);
void doctor_findings_fini(doctor_findings *self);

#endif
