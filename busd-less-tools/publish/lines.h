/* SPDX-License-Identifier: MIT
 * Lines: standard input, each line of which fires an event. */
#ifndef PUBLISH_LINES_H
#define PUBLISH_LINES_H

#include <stdint.h>

#include "publish/poll.h"
#include "publish/stage.h"
#include "tool/input.h"

typedef struct publish_lines {
    publish_ear ear; /* first */
    publish_stage *stage;
    tool_input input;
    int64_t look_ms; /* in the background: when to look again whether it still is; else never */
    /** What a line does; it is borrowed. */
    void (*heard)(publish_stage *stage, const char *line);
} publish_lines;

/** Listens to standard input from here on. False if that failed; it is told. */
bool publish_lines_start(publish_lines *self, publish_stage *stage,
                         void (*heard)(publish_stage *stage, const char *line));
/** Looks whether a terminal that others read from is ours again; when to look next. */
int64_t publish_lines_tend(publish_lines *self);
void publish_lines_stop(publish_lines *self);

/** A line as one fires the plan's events: with several, the name first. The rest is a list of arguments, or one. */
void publish_lines_fire(publish_stage *stage, const char *line);

#endif
