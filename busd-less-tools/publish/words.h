/* SPDX-License-Identifier: MIT
 * Words: a command as it is typed, taken apart without a shell. */
#ifndef PUBLISH_WORDS_H
#define PUBLISH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct publish_words {
    char **list; /**< ends with NULL; owned, as is what is in it */
    size_t count;
} publish_words;

/** Words are separated by blanks; '...' and "..." keep them together, and a backslash the next character. Nothing else
 *  is special. False if a quote stays open, or there is no word. */
bool publish_words_split(publish_words *self, const char *text);

/** Adds one more, taken. */
void publish_words_add(publish_words *self, char *word);

void publish_words_copy(publish_words *self, const publish_words *from);
void publish_words_fini(publish_words *self);

#endif
