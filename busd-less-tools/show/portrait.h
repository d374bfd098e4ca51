/* SPDX-License-Identifier: MIT
 * A portrait: what one service says of itself at this moment. */
#ifndef SHOW_PORTRAIT_H
#define SHOW_PORTRAIT_H

#include <json-c/json_types.h>

#include "tool/session.h"
#include "tool/subject.h"

typedef struct show_portrait {
    tool_subject subject;
    json_object *info;   /**< owned; NULL: not known */
    json_object *entry;  /**< what the bus tells of it, owned; NULL: nothing */
    json_object *values; /**< {object: value} of those that have one, owned */
} show_portrait;

/** Paints it; `entry` (taken) is what the bus tells, NULL where it does not. The values take a connection to the
 *  service, until `until_ms` at most. */
void show_portrait_init(show_portrait *self, const tool_subject *subject, json_object *entry,
                        tool_session *session, int64_t until_ms);
void show_portrait_fini(show_portrait *self);

#endif
