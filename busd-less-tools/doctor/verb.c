/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "doctor/verb.h"

#include "doctor/request.h"

const tool_verb doctor_verb = {
    .name = "doctor",
    .command = &doctor_command,
    .operands = {"TYPE"},
};
