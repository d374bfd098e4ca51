/* SPDX-License-Identifier: MIT
 * A program of its own. */
#include "publish/verb.h"

#include "publish/request.h"

const tool_verb publish_verb = {
    .name = "publish",
    .command = &publish_command,
};
