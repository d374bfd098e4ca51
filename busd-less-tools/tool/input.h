/* SPDX-License-Identifier: MIT
 * The input: bytes read and not yet sent, whole or line by line. It knows nothing of what they say. */
#ifndef TOOL_INPUT_H
#define TOOL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tool_input {
    char *bytes; /**< owned */
    size_t length, room;
    bool has_ended;
} tool_input;

/** Reads once from a descriptor that is ready. False if that failed; errno says why. */
bool tool_input_read(tool_input *self, int fd);

/** The length of the first line, its end not counted; false if there is none yet. What follows the last line feed is a
 *  line too, once the input has ended. */
bool tool_input_line(const tool_input *self, size_t *ret_length);

/** Forgets the first `length` bytes, and the line feed behind them with `with_end`. */
void tool_input_drop(tool_input *self, size_t length, bool with_end);

/** True if nothing is left, and nothing will come. */
bool tool_input_is_over(const tool_input *self);

void tool_input_fini(tool_input *self);

#endif
