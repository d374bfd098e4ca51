/* SPDX-License-Identifier: MIT
 * Text on its way to a person: made harmless, measured and cut in terminal columns. It knows UTF-8 (through
 * the locale that tool_start() sets) and nothing of colours or tables. Without memory the program ends. */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** A copy of `raw` in which nothing can command a terminal or reorder what it shows: control characters,
 *  broken UTF-8 and invisible direction marks are written out, like \x1b or \u202e. free() it. */
char *tool_text_clean(const char *raw);

/** True if the character that begins at `text` cannot be shown as it is; *ret_bytes are its bytes, and *ret_code what
 *  it is, 0 where they are no UTF-8. `text` is not empty. */
bool tool_text_is_wild(const char *text, size_t *ret_bytes, unsigned *ret_code);

/** How many columns clean text takes. */
size_t tool_text_width(const char *clean);

/** A copy of clean text of at most `width` columns; what had to be cut ends in an ellipsis. free() it. */
char *tool_text_cut(const char *clean, size_t width);

/** A printf into fresh memory. free() it. */
char *tool_text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A stream into fresh memory: *ret_text is valid after fclose(), and yours. */
FILE *tool_text_stream(char **ret_text, size_t *ret_length);

/** `pointer`, unless it is NULL: then the program ends, saying that memory ran out. */
void *tool_text_checked(void *pointer);

#endif
