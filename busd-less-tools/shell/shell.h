/* SPDX-License-Identifier: MIT
 * The shell: lines are read and done until there are no more. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include <stdbool.h>

#include "shell/jobs.h"
#include "shell/request.h"
#include "tool/desk.h"
#include "tool/session.h"

/** The desk comes first: it is what the desk's own function is given. */
typedef struct shell {
    tool_desk desk;
    const shell_request *request;
    tool_session session; /**< whose bus and signals the desk lends */
    shell_jobs jobs;
    bool is_typed; /**< by somebody at a terminal */
    bool is_over;
    tool_exit code; /**< of the last command, and in the end of the shell */
} shell;

/** Does all of it. */
tool_exit shell_run(const shell_request *request);

/** Does one line; its code is in the shell's then. */
void shell_do(shell *self, const char *text);

#endif
