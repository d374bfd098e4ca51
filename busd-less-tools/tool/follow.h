/* SPDX-License-Identifier: MIT
 * Following: hearing of objects or events, line by line, until it has been enough. What autobus-watch and
 * autobus-listen have in common, and that is nearly all. */
#ifndef TOOL_FOLLOW_H
#define TOOL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/request.h"
#include "tool/verb.h"

typedef struct tool_follow {
    tool_request asked;
    const char **names; /**< of objects or events, as typed; the array is owned */
    size_t count;
    bool is_events;
    bool is_beside; /**< among lines of others: each names service and member */
} tool_follow;

/** As tool_request_init(), for a verb that follows. */
bool tool_follow_init(tool_follow *self, const tool_verb *verb, int argc, char **argv,
                      tool_exit *ret_exit);
void tool_follow_fini(tool_follow *self);

/** One that is under way. */
typedef struct tool_following tool_following;

/** Begins; `request` outlives it. Where nothing is there yet, this takes the time to say so. */
tool_following *tool_following_new(const tool_follow *request);
/** Ends and clears it; how it ended. */
tool_exit tool_following_free(tool_following **following);
bool tool_following_is_over(const tool_following *self);

/** Turns until the service is there and it is said which of the names it does not have, or that it is not there; at
 *  most for so long. */
void tool_following_meet(tool_following *self, int patience_ms);

/** To be called before and after whoever shares its bus turns. When again at the latest. */
int64_t tool_following_tend(tool_following *self);

/** All of such a verb. */
tool_exit tool_follow_work(const tool_verb *verb, int argc, char **argv, tool_desk *desk);

#endif
