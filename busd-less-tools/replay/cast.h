/* SPDX-License-Identifier: MIT
 * The cast: the services of a recording, offered by our own bus. A service that has appeared is published together
 * with all that it has by then. */
#ifndef REPLAY_CAST_H
#define REPLAY_CAST_H

#include <stdbool.h>
#include <stddef.h>

#include "replay/line.h"
#include "tool/session.h"

typedef struct replay_role replay_role;

typedef struct replay_cast {
    tool_session *session;
    bool takes_new_ids;
    replay_role *roles;
    size_t count, room;
} replay_cast;

/** Looks around first, unless it takes new ids: whose id is on the network already is left out. */
void replay_cast_init(replay_cast *self, tool_session *session, bool takes_new_ids);

/** Does what the line says. False with a sentence on the line, which is yours. */
bool replay_cast_play(replay_cast *self, const replay_line *line, char **ret_mistake);

/** Publishes those that have appeared. */
void replay_cast_enter(replay_cast *self);

/** All leave. */
void replay_cast_leave(replay_cast *self);

void replay_cast_fini(replay_cast *self);

#endif
