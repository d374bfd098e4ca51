/* SPDX-License-Identifier: MIT
 * Examples: lines that one can try on a service as they stand. */
#ifndef SHOW_EXAMPLE_H
#define SHOW_EXAMPLE_H

#include <json-c/json_types.h>

/** A list of strings, yours: a call, a watch, a listen, of what the entry (borrowed, may be NULL) has. `typed` is the
 *  service as it stands behind a verb. */
json_object *show_examples(json_object *entry, const char *typed);

#endif
