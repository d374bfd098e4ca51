/* SPDX-License-Identifier: MIT
 * Signatures: the members of a service in one line each, from how they are described. */
#ifndef TOOL_SIGNATURE_H
#define TOOL_SIGNATURE_H

#include <json-c/json_types.h>

/** "set(on: boolean, level: integer 0..100 % = 100) -> boolean" of a function or an event, "set(...)" of one that does
 *  not say what it takes. Clean text; free() it. */
char *tool_signature_of_call(const char *name, json_object *description);

/** "level: integer 0..100 %" of an object. Clean text; free() it. */
char *tool_signature_of_value(const char *name, json_object *description);

#endif
