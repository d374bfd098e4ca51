/* SPDX-License-Identifier: MIT
 * A choice of services, as people type it: [TYPE] [-k CONDITION]... [-s ID] [--all], and the filter it means. */
#ifndef TOOL_CHOICE_H
#define TOOL_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include <autobus/filter.h>

typedef struct tool_choice {
    const char *type;        /**< may be a glob; NULL: any */
    const char **conditions; /**< KEY=VALUE, KEY!=VALUE, KEY or !KEY */
    size_t count;
    const char *id;    /**< the service of this id only; NULL: any */
    bool with_library; /**< the library's own services too */
} tool_choice;

/** Remembers one more condition; `condition` outlives the choice. */
void tool_choice_add(tool_choice *self, const char *condition);
void tool_choice_fini(tool_choice *self);

/** True if there is neither a type nor a condition nor an id. */
bool tool_choice_is_open(const tool_choice *self);

/** True if the library's own services stay out: nobody asked for all, and neither one of its types nor an id was
 *  named. */
bool tool_choice_hides_library(const tool_choice *self);

/** The filter. AUTOBUS_INVALID with the library's sentence if a condition is none. */
autobus_result tool_choice_filter(const tool_choice *self, autobus_filter **ret_filter);

/** It in words, such as "'lamp' with room=kitchen"; "service" when it is open. free() it. */
char *tool_choice_words(const tool_choice *self);

/** It as one types it behind a verb: "lamp -k room=kitchen", quoted for a shell; "'*'" when it is open. free() it. */
char *tool_choice_typed(const tool_choice *self);

#endif
