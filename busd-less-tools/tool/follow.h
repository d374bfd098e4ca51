/* SPDX-License-Identifier: MIT
 * Following: hearing of objects or events, line by line, until it has been enough. What autobus-watch and
 * autobus-listen have in common, and that is nearly all. */
#ifndef TOOL_FOLLOW_H
#define TOOL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "tool/request.h"

typedef struct tool_follow {
    tool_request asked;
    const char **names; /**< of objects or events, as typed; the array is owned */
    size_t count;
    bool is_events;
} tool_follow;

/** Takes the words of the command line; `verb` is a tool_follow. As of a tool_reader. */
int tool_follow_words(void *verb, tool_options *options);

/** Does it. */
tool_exit tool_follow_run(const tool_follow *request);

void tool_follow_fini(tool_follow *self);

#endif
