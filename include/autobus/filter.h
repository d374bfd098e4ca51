/* SPDX-License-Identifier: MIT
 * A filter: conditions on a service's info. All must hold. */
#ifndef AUTOBUS_FILTER_H
#define AUTOBUS_FILTER_H

#include <json-c/json_types.h>

#include <autobus/result.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_filter autobus_filter;

/** A filter that every service passes. NULL only without memory. */
autobus_filter *autobus_filter_new(void);
/** A filter from JSON such as {'type': 'lamp', 'room.name': 'kitchen'}: each key equals its value.
 *  Single quotes are fine. NULL only without memory: text that is no object is a mistake, and is remembered,
 *  for no filter at all would mean every service. */
autobus_filter *autobus_filter_parse(const char *json);
void autobus_filter_free(autobus_filter **filter);
autobus_filter *autobus_filter_copy(const autobus_filter *filter);

/* Keys are names in info; a dot goes one level down, unless info has a key with that very name. "host",
 * "port" and "service" are there too, as the receiver fills them in. The first mistake is remembered and
 * said again by whoever takes the filter. */

/** KEY equals VALUE (taken). Numbers compare by value: 1 equals 1.0. */
autobus_result autobus_filter_equal(autobus_filter *filter, const char *key, json_object *value);
/** KEY is absent, or is not VALUE (taken). */
autobus_result autobus_filter_not_equal(autobus_filter *filter, const char *key,
                                        json_object *value);
/** KEY is there, with any value, null included. */
autobus_result autobus_filter_present(autobus_filter *filter, const char *key);
autobus_result autobus_filter_absent(autobus_filter *filter, const char *key);
/** KEY is a string (or a number or boolean as it is printed) that the shell pattern matches: * ? [a-z]. */
autobus_result autobus_filter_glob(autobus_filter *filter, const char *key, const char *pattern);
/** One condition as people type it: KEY=VALUE, KEY!=VALUE, KEY, !KEY. A VALUE with * ? or [ is a glob;
 *  otherwise it matches the string VALUE, or the number, boolean or null that prints so. */
autobus_result autobus_filter_add_text(autobus_filter *filter, const char *condition);

#ifdef __cplusplus
}
#endif
#endif
