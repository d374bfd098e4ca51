/* SPDX-License-Identifier: MIT
 * A cursor: what the word where it stands can be, from the words before it. It asks nobody. */
#ifndef SHELL_CURSOR_H
#define SHELL_CURSOR_H

#include <stddef.h>

#include "shell/verbs.h"
#include "tool/options.h"
#include "tool/target.h"
#include "tool/words.h"

typedef enum shell_wanted {
    SHELL_ANYTHING, /**< nobody could tell */
    SHELL_VERB,
    SHELL_OPTION,
    SHELL_VALUE, /**< what --help calls `called`, of `option` or as a word */
    SHELL_TYPE,
    SHELL_MEMBER,   /**< of the target, of the kind that the verb names */
    SHELL_PARAMETER /**< of the function `member` of the target */
} shell_wanted;

typedef struct shell_cursor {
    shell_wanted wanted;
    char *part; /**< the word up to the cursor, without its quotes; owned */
    const char *
        before; /**< what of the part is there already in front of every candidate: "--key=", or "" */
    size_t length;             /**< in characters, as typed: what a candidate stands in place of */
    tool_words words;          /**< those before it */
    const shell_verb *verb;    /**< NULL: none yet, or no such */
    const tool_option *option; /**< NULL: of none */
    const char *called;
    tool_target target;
    const char *member;
    size_t arguments; /**< where the arguments of the function begin in `words` */
    char *storage;    /**< of `before`; owned */
} shell_cursor;

/** `text` is the line up to the cursor. */
void shell_cursor_init(shell_cursor *self, const char *text);
void shell_cursor_fini(shell_cursor *self);

#endif
