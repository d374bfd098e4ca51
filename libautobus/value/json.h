/* SPDX-License-Identifier: MIT
 * json-c, with bounds: text to tree and back, and writing JSON straight into a buffer. */
#ifndef AB_VALUE_JSON_H
#define AB_VALUE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "base/buffer.h"
#include "base/text.h"

/** Parses exactly one value of at most 16 MiB and AB_SCAN_DEPTH levels. `lenient` allows single quotes (for
 *  text that the program's author wrote). False with a sentence; *ret may be NULL for JSON null on success. */
bool ab_json_parse(ab_slice text, bool lenient, json_object **ret);
/** True if lists and maps are nested at most so deep in it. */
bool ab_json_is_within(json_object *tree, unsigned levels);
/** Appends `tree` in one line, ASCII only (everything else as \uXXXX), without spaces. NaN and infinities
 *  become null. */
void ab_json_print(ab_buffer *out, json_object *tree);
/** Appends a JSON string with quotes; bytes that are no UTF-8 become U+FFFD; ASCII only. */
void ab_json_print_string(ab_buffer *out, ab_slice text);
void ab_json_put(json_object **tree); /**< for AB_SCOPED */

#endif
