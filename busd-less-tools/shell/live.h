/* SPDX-License-Identifier: MIT
 * The live network: what there is to complete, as the desk's bus knows it and its neighbours tell at this moment. */
#ifndef SHELL_LIVE_H
#define SHELL_LIVE_H

#include "shell/candidates.h"
#include "shell/cursor.h"
#include "tool/desk.h"

/** Adds all that the cursor's word may become, sorted. A service that does not tell what it has is not waited for long,
 *  and Ctrl-C ends the wait. */
void shell_live_find(shell_candidates *candidates, const shell_cursor *cursor, tool_desk *desk);

#endif
