/* SPDX-License-Identifier: MIT
 * Words: a command as it is typed, taken apart without a shell. */
#ifndef TOOL_WORDS_H
#define TOOL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tool_words {
    char **list; /**< ends with NULL; owned, as is what is in it */
    size_t count;
} tool_words;

/** Words are separated by blanks; '...' and "..." keep them together, and a backslash the next character. Nothing else
 *  is special. False if a quote stays open, or there is no word. */
bool tool_words_split(tool_words *self, const char *text);

/** The one that begins at `at`, with its quotes taken away, into `word`, which has room for the rest of the text; where
 *  it ends. *ret_open is the quote that stays open at the end of the text, else zero. With `has_escapes` what
 *  tool_quote() writes is read too: $'...' with \nnn for a byte. */
const char *tool_words_take(const char *at, bool has_escapes, char *word, char *ret_open);

/** Adds one more, taken. */
void tool_words_add(tool_words *self, char *word);

void tool_words_copy(tool_words *self, const tool_words *from);
void tool_words_fini(tool_words *self);

#endif
