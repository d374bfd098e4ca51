/* SPDX-License-Identifier: MIT
 * A background: a program that goes on beside whatever the shell does. What it writes comes through pipes, so that it
 * stands line by line where the shell wants it; nobody types to it, and its input does not end before it. */
#ifndef SHELL_BACKGROUND_H
#define SHELL_BACKGROUND_H

#include <stdint.h>

#include "shell/program.h"
#include "tool/input.h"

typedef struct shell_background {
    shell_program program;
    int fds[3];      /**< our ends of its pipes; -1: closed */
    tool_input said; /**< on its standard output, and not yet printed */
    tool_input told; /**< on its standard error */
    bool has_spoken; /**< anything at all */
} shell_background;

/** Starts it; `epoll` is ready from then on when it is to be tended. False if it cannot be; that has been told. */
bool shell_background_start(shell_background *self, int epoll, const tool_verb *verb,
                            const tool_words *words, const tool_family *family);

/** Prints what has come. */
void shell_background_tend(shell_background *self);

/** Asks it to end. */
void shell_background_end(shell_background *self);

/** Ends it, with a moment for its last words; its code. */
tool_exit shell_background_fini(shell_background *self);

#endif
