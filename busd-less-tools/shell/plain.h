/* SPDX-License-Identifier: MIT
 * Plain lines: from a pipe, a file, or a terminal where they cannot be edited. */
#ifndef SHELL_PLAIN_H
#define SHELL_PLAIN_H

#include <stdbool.h>

#include "shell/vigil.h"
#include "tool/exit.h"
#include "tool/input.h"

typedef struct shell_plain {
    shell_vigil vigil;
    tool_input input;
    int fd; /**< borrowed */
    bool is_typed;
    size_t number;  /**< of the line that was read last */
    tool_exit code; /**< how reading failed, if it did */
} shell_plain;

/** `is_typed`: somebody is to be asked for each line. */
void shell_plain_init(shell_plain *self, tool_desk *desk, shell_jobs *jobs, int fd, bool is_typed);
void shell_plain_fini(shell_plain *self);

/** The next line, yours; NULL behind the last, or when the desk is to close. */
char *shell_plain_read(shell_plain *self);

#endif
