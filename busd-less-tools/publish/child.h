/* SPDX-License-Identifier: MIT
 * A child: one run of a command, from its start to its output. It inherits our environment and no descriptor; it has
 * a process group of its own, which goes with it. */
#ifndef PUBLISH_CHILD_H
#define PUBLISH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/words.h"

/** What a run has come to: what it wrote, without white space at the end; or one sentence on what went wrong. */
typedef struct publish_outcome {
    bool is_fine;
    const char *text; /**< NULL: everything is ending, and the run with it */
} publish_outcome;

typedef void publish_done_fn(void *userdata, publish_outcome outcome);

typedef struct publish_child publish_child;

/** Starts it, with `input` on its standard input. `done` is called exactly once, from publish_poll_run() or
 *  publish_children_end(), unless this returns NULL: then it could not be started, and *ret_error, yours, says why. */
publish_child *publish_child_start(int poll, const tool_words *words, const char *input,
                                   int64_t deadline_ms, publish_done_fn *done, void *userdata,
                                   char **ret_error);

/** How many are running. */
size_t publish_children_count(void);

/** Ends those whose time is over. When the next one's is. */
int64_t publish_children_tend(void);

/** Ends all. */
void publish_children_end(void);

#endif
