/* SPDX-License-Identifier: MIT
 * The editor: lines typed on a terminal, with completion and a history. It is there if there was libedit when the shell
 * was built. */
#ifndef SHELL_EDITOR_H
#define SHELL_EDITOR_H

#include "shell/jobs.h"
#include "tool/desk.h"

#define SHELL_PROMPT "autobus> "

typedef struct shell_editor shell_editor;

/** NULL if lines cannot be edited here; then *ret_why says why. */
shell_editor *shell_editor_new(tool_desk *desk, shell_jobs *jobs, const char **ret_why);
void shell_editor_free(shell_editor **editor);

/** The next line, yours; NULL once there are no more, or the desk is to close. */
char *shell_editor_read(shell_editor *self);

#endif
