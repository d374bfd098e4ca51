/* SPDX-License-Identifier: MIT
 * A subject: one service that a verb works on, found by a search or at a place that was typed. */
#ifndef TOOL_SUBJECT_H
#define TOOL_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#include <autobus/remote.h>

#include "tool/search.h"
#include "tool/session.h"

typedef struct tool_subject {
    const char *id;                   /**< NULL: whatever introspects the bus at the place */
    const autobus_sighting *sighting; /**< borrowed; NULL: a place was typed */
    const tool_place *place;          /**< borrowed; NULL: it was found */
} tool_subject;

/** The subjects of a request, and what they borrow from. */
typedef struct tool_subjects {
    tool_subject *list;
    size_t count;
    tool_search search;
} tool_subjects;

/** Finds out which services the request means: the place, or what a search finds within `patience_ms` (or -t, if that
 *  is shorter; with --wait until then, or for ever). Other codes than TOOL_DONE are explained, or the session's. */
tool_exit tool_subjects_init(tool_subjects *self, tool_session *session, int patience_ms);
void tool_subjects_fini(tool_subjects *self);

/** A connection to it, not waited for. */
autobus_result tool_subject_connect(const tool_subject *self, tool_session *session,
                                    autobus_remote **ret_remote);

/** Where it may be: the host of its location `index` and the port; NULL behind the last. */
const char *tool_subject_location(const tool_subject *self, size_t index, uint16_t *ret_port);

/** What to call it in a sentence: its id, or its place. free() it. */
char *tool_subject_name(const tool_subject *self);

#endif
