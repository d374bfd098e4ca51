/* SPDX-License-Identifier: MIT
 * A line of the shell: its words, and whether it is to be done in the background. It knows no verb. */
#ifndef SHELL_LINE_H
#define SHELL_LINE_H

#include <stdbool.h>

#include "tool/words.h"

typedef struct shell_line {
    tool_words words;
    bool is_beside; /**< & stands at its end */
    char *mistake;  /**< one sentence, owned; NULL: it can be read */
} shell_line;

/** Takes `text` apart: blanks separate words; '...', "..." and a backslash keep them together; a word that begins with
 *  # is a comment to the end of the line. What another shell would do with | ; < > and & is a mistake here. */
void shell_line_init(shell_line *self, const char *text);
void shell_line_fini(shell_line *self);

#endif
