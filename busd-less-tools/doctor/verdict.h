/* SPDX-License-Identifier: MIT
 * The verdict: from all facts to the most probable cause, one sentence on it, and an exit code. Pure. */
#ifndef DOCTOR_VERDICT_H
#define DOCTOR_VERDICT_H

#include "doctor/facts.h"
#include "tool/exit.h"

typedef struct doctor_verdict {
    const char *cause; /**< a word for programs, such as "no-link"; "none" where all is well */
    tool_exit code;
    char *sentence; /**< owned; may hold what the network said: to be cleaned before it is shown */
} doctor_verdict;

void doctor_verdict_reach(doctor_verdict *self, const doctor_facts *facts);
void doctor_verdict_fini(doctor_verdict *self);

#endif
