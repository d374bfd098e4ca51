/* SPDX-License-Identifier: MIT
 * The one table from results to exit codes. */
#include "tool/exit.h"

tool_exit tool_exit_of(autobus_result result)
{
    switch (result) {
    case AUTOBUS_OK: return TOOL_DONE;
    case AUTOBUS_INVALID: return TOOL_USAGE;
    case AUTOBUS_NOT_FOUND: return TOOL_NOTHING;
    case AUTOBUS_TIMEOUT: return TOOL_TIMEOUT;
    case AUTOBUS_REMOTE: return TOOL_REMOTE;
    case AUTOBUS_DENIED: return TOOL_DENIED;
    case AUTOBUS_INCOMPATIBLE: return TOOL_INCOMPATIBLE;
    case AUTOBUS_AMBIGUOUS: return TOOL_AMBIGUOUS;
    case AUTOBUS_FAILED:
    case AUTOBUS_IN_USE:
    case AUTOBUS_TOO_LARGE:
    case AUTOBUS_CLOSED:
    case AUTOBUS_BUSY:
    case AUTOBUS_WRONG_THREAD:
    case AUTOBUS_FORKED: return TOOL_FAILED;
    }
    return TOOL_FAILED; /* a newer library's result */
}
