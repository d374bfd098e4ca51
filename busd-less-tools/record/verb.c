/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "record/verb.h"

#include "record/request.h"

const tool_verb record_verb = {
    .name = "record",
    .command = &record_command,
    .operands = {"TYPE"},
};
