/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "bench/verb.h"

#include "bench/request.h"

const tool_verb bench_verb = {
    .name = "bench",
    .command = &bench_command,
    .operands = {"WHAT", "PLACE"},
};
