/* SPDX-License-Identifier: MIT
 * The others: services that are there, among whose names that which was meant may be. */
#ifndef TOOL_OTHERS_H
#define TOOL_OTHERS_H

#include <stddef.h>

#include <autobus/bus.h>
#include <autobus/sighting.h>

#include "tool/choice.h"

typedef struct tool_others {
    autobus_sighting **list; /**< all but the library's own; owned */
    char **names;            /**< of each its type, or its id */
    size_t count;
} tool_others;

/** Those that the bus sees now; names are types, or with `by_id` ids. */
void tool_others_init(tool_others *self, autobus_bus *bus, bool by_id);
void tool_others_fini(tool_others *self);

/** Names that come near what was typed, as tool_nearest() writes them; NULL if none does. free() it. */
char *tool_others_near(const tool_others *self, const tool_choice *choice);

#endif
