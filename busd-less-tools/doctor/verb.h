/* SPDX-License-Identifier: MIT
 * autobus-doctor as a verb that others may start. */
#ifndef DOCTOR_VERB_H
#define DOCTOR_VERB_H

#include "tool/verb.h"

extern const tool_verb doctor_verb;

#endif
