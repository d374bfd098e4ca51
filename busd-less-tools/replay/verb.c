/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "replay/verb.h"

#include "replay/request.h"

const tool_verb replay_verb = {
    .name = "replay",
    .command = &replay_command,
    .operands = {"FILE"},
};
