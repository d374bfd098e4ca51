/* SPDX-License-Identifier: MIT
 * Candidates: what a word that has begun may become. It knows how they are told from each other and shown, not where
 * they come from; so they may be anything. */
#ifndef SHELL_CANDIDATES_H
#define SHELL_CANDIDATES_H

#include <stddef.h>
#include <stdio.h>

#include "tool/paper.h"
#include "tool/words.h"

typedef struct shell_candidates {
    char *part; /**< what all of them begin with; owned */
    tool_words words;
} shell_candidates;

void shell_candidates_init(shell_candidates *self, const char *part);
void shell_candidates_fini(shell_candidates *self);

/** Adds `before` and `text` as one, if it begins with the part; it may be there already. */
void shell_candidates_add(shell_candidates *self, const char *before, const char *text);

/** Puts them in order, each once. */
void shell_candidates_sort(shell_candidates *self);

/** What stands on the line in place of the part from now on, quoted where it has to be; behind the only one a blank,
 *  unless it goes on: with a value, or as a path. NULL if nothing can be added. free() it. Sorted before. */
char *shell_candidates_typed(const shell_candidates *self);

/** Lists them in columns, harmless to a terminal, on at most half of its lines. Sorted before. */
void shell_candidates_print(const shell_candidates *self, const tool_paper *paper, FILE *out);

#endif
