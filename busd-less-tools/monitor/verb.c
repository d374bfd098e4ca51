/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "monitor/verb.h"

#include "monitor/request.h"

const tool_verb monitor_verb = {
    .name = "monitor",
    .command = &monitor_command,
    .operands = {"TYPE"},
};
