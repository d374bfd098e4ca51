/* SPDX-License-Identifier: MIT
 * The history: what was typed, kept in a file from one shell to the next. Only its owner may read it. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stdbool.h>

#include "tool/words.h"

/** So many lines are kept, and none that is longer. */
#define SHELL_HISTORY_LINES 1000
#define SHELL_HISTORY_BYTES 4096

typedef struct shell_history {
    char *path;       /**< owned; NULL: there is no place for it, and nothing is kept */
    tool_words lines; /**< the oldest first */
} shell_history;

/** Reads it, from `autobus` in XDG_STATE_HOME, else in .local/state of HOME. */
void shell_history_init(shell_history *self);
void shell_history_fini(shell_history *self);

/** Keeps a line, unless it is empty, the same as the last one, too long, or begins with a blank. False if it is none to
 *  keep. A file that cannot be written is no failure: then this shell alone remembers. */
bool shell_history_add(shell_history *self, const char *line);

#endif
