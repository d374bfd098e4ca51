/* SPDX-License-Identifier: MIT
 * Exit codes, the same for every tool. This knows what a code means and which code a result of the library
 * becomes; it ends nothing and prints nothing. */
#ifndef TOOL_EXIT_H
#define TOOL_EXIT_H

#include <autobus/result.h>

typedef enum tool_exit {
    TOOL_DONE = 0,
    TOOL_FAILED = 1,
    TOOL_USAGE = 2,
    TOOL_NOTHING = 3,
    TOOL_TIMEOUT = 4,
    TOOL_REMOTE = 5,
    TOOL_DENIED = 6,
    TOOL_INCOMPATIBLE = 7,
    TOOL_AMBIGUOUS = 8,
    TOOL_INTERRUPTED = 130
} tool_exit;

/** The code for a result; TOOL_FAILED for every result that has none of its own. */
tool_exit tool_exit_of(autobus_result result);

#endif
