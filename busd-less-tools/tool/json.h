/* SPDX-License-Identifier: MIT
 * Services as JSON lines, for programs. The shape is the contract of --json; docs/tools.md tells it. */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include <stdio.h>

#include <json-c/json_types.h>

#include <autobus/sighting.h>

/** A sighting as an object, `event` first unless it is NULL. Yours. */
json_object *tool_json_sighting(const autobus_sighting *sighting, const char *event);

/** Prints `value` as one line that is JSON to a program and harmless to a terminal. */
void tool_json_print(json_object *value, FILE *out);

/** The info as it was published: without the keys that the receiver fills in. Yours. */
json_object *tool_json_info(const autobus_sighting *sighting);

#endif
