/* SPDX-License-Identifier: MIT
 * Details: what a bus tells of its services, as its introspection does. Every shape of it is possible: it comes from
 * the network. */
#ifndef TOOL_DETAILS_H
#define TOOL_DETAILS_H

#include <stdint.h>

#include <json-c/json_types.h>

#include "tool/answer.h"
#include "tool/session.h"
#include "tool/subject.h"

/** Asks the bus of that subject, until `until_ms`; NULL if it does not tell, and then *ret_why (may be NULL) is the
 *  answer that came instead, yours (tool_answer_drop()). {service id: entry}; yours. */
json_object *tool_details_fetch(tool_session *session, const tool_subject *subject,
                                int64_t until_ms, tool_answer **ret_why);

/** The entry of one service (NULL: of the introspection itself), borrowed; NULL if there is none. */
json_object *tool_details_entry(json_object *details, const char *id);

/** A map of members: "functions", "events", "objects" or "channels" of an entry; borrowed, NULL if there are none. */
json_object *tool_details_members(json_object *entry, const char *kind);

/** Their names in alphabetical order, borrowed from them; the array is yours. `members` may be NULL. */
const char **tool_details_names(json_object *members, size_t *ret_count);

/** A sentence on those members that come near `name`: "Did you mean 'set'?"; else, where there are some, on a few of
 *  them: "It has 'a', 'b' and 'c'." NULL if the entry tells nothing. free() it. */
char *tool_details_instead(json_object *entry, const char *kind, const char *name);

/** The same for the ids of a bus's services, to one that is not there. free() it. */
char *tool_details_instead_of_id(json_object *details, const char *id);

#endif
