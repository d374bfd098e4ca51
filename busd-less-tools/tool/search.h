/* SPDX-License-Identifier: MIT
 * A search: from a target to the services that it means, on the network of this moment. */
#ifndef TOOL_SEARCH_H
#define TOOL_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include <autobus/sighting.h>

#include "tool/session.h"

typedef struct tool_search {
    autobus_sighting **found; /**< owned, in the order in which they were heard of */
    size_t count, room;
    int64_t first_ms; /**< when the first of them was heard of */
} tool_search;

/** Looks for what the request's choice means, until `until_ms`. The one service that matches; with --any the first
 *  that is heard of; with --each all. TOOL_NOTHING and TOOL_AMBIGUOUS have been explained; else the session is over,
 *  and that is its code. Who answers a moment after the first still counts; who answers later is overlooked. */
tool_exit tool_search_run(tool_search *self, tool_session *session, int64_t until_ms);
void tool_search_fini(tool_search *self);

#endif
