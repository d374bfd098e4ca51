/* SPDX-License-Identifier: MIT
 * JSON as it is read from people and written for programs and for people. The shape of a service as a JSON line is the
 * contract of --json; docs/tools.md tells it. */
#ifndef TOOL_JSON_H
#define TOOL_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include <json-c/json_types.h>

#include <autobus/sighting.h>

/** A sighting as an object, `event` first unless it is NULL. Yours. */
json_object *tool_json_sighting(const autobus_sighting *sighting, const char *event);

/** A service at a place in the same form: `id` and `info` (borrowed) may be NULL. Yours. */
json_object *tool_json_at(const char *host, uint16_t port, const char *id, json_object *info);

/** Prints `value` as one line that is JSON to a program and harmless to a terminal. */
void tool_json_print(json_object *value, FILE *out);

/** The same without the line's end, in memory. free() it. */
char *tool_json_line(json_object *value);

/** Prints `value` laid out over several lines, all but the first behind `indent`; still JSON, and harmless. */
void tool_json_print_pretty(json_object *value, const char *indent, FILE *out);

/** Reads one JSON value, whatever stands around it being white. False if `text` is none; *ret_value is yours, and NULL
 *  for null. Maps and lists may have single quotes. */
bool tool_json_parse(const char *text, json_object **ret_value);

/** The same of what others have written, who may have numbers that are larger than any of ours, such as 1e999. */
bool tool_json_read(const char *text, json_object **ret_value);

/** The info as it was published: without the keys that the receiver fills in. Yours. */
json_object *tool_json_info(const autobus_sighting *sighting);

#endif
