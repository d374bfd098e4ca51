/* SPDX-License-Identifier: MIT
 * Reading JSON where it lies: checks it and finds members without building anything. Never recurses, never
 * allocates. Strict JSON in UTF-8, and the bare tokens NaN, Infinity and -Infinity that old peers emit. */
#ifndef AB_VALUE_SCAN_H
#define AB_VALUE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

typedef enum ab_kind {
    AB_KIND_NONE, /**< not there */
    AB_KIND_NULL,
    AB_KIND_FALSE,
    AB_KIND_TRUE,
    AB_KIND_NUMBER, /**< NaN and the infinities too */
    AB_KIND_STRING, /**< the text includes its quotes */
    AB_KIND_LIST,
    AB_KIND_MAP
} ab_kind;

/** One JSON value as the bytes it was written with. */
typedef struct ab_value {
    ab_kind kind;
    ab_slice text;
} ab_value;

/** One member of a map. */
typedef struct ab_member {
    ab_slice key;    /**< as written, without quotes, escapes kept */
    bool has_escape; /**< the key */
    ab_value value;
} ab_member;

#define AB_SCAN_DEPTH 64 /**< deeper nesting is malformed */

/** Checks that `text` is one JSON value with only blanks around it. False: malformed, *value is NONE. */
bool ab_scan(ab_slice text, ab_value *value);
/** The same. *is_compact: outside of strings there are no blanks between its bytes, it has none of those tokens, and it
 *  would be well-formed one level deeper. */
bool ab_scan_compact(ab_slice text, ab_value *value, bool *is_compact);

/** Checks that `text` is one map with only blanks around it, and notes its members in their order; *count is how many
 *  they are. If that is more than `room`, those at its end are not all of them. */
bool ab_scan_members(ab_slice text, ab_value *map, ab_member members[], size_t room, size_t *count);

/** Walks the members of a map, or the elements of a list (keys are empty then), of a checked value. */
typedef struct ab_members {
    const char *at, *end;
    bool is_map;
} ab_members;
void ab_members_begin(ab_members *members, ab_value container);
/** The next one; false at the end. `key` is as written, without quotes, escapes kept. */
bool ab_members_next(ab_members *members, ab_slice *key, ab_value *value);

/** The member of a checked map with this key (escapes in the key are undone; the last of duplicates, as
 *  json-c has it). kind NONE if it is not there or `map` is no map. */
ab_value ab_scan_member(ab_value map, ab_slice key);

/** The same for "a.b": a dot goes one level down, unless a key has the whole name that is left. */
ab_value ab_scan_path(ab_value map, ab_slice path);

/** A string's bytes with escapes undone, into `out` of at least value.text.length bytes; a lone surrogate
 *  becomes U+FFFD. Returns the length; no '\0' is added. 0 for what is no string. */
size_t ab_scan_string(ab_value value, char *out);
/** True if the value is a string that reads exactly so. */
bool ab_scan_is(ab_value value, ab_slice text);
/** True if the value is a string that reads so at its beginning. */
bool ab_scan_begins(ab_value value, ab_slice text);
/** A whole number (1.0 and 1e3 are ones). False if it is none or does not fit. */
bool ab_scan_integer(ab_value value, int64_t *ret);

/** True if both checked values mean the same: numbers by value, strings however escaped, maps whatever the
 *  order of their keys. Recurses, at most AB_SCAN_DEPTH deep. */
bool ab_value_equal(ab_value a, ab_value b);

#endif
