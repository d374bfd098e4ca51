/* SPDX-License-Identifier: MIT
 * The members of a JSON object of which perhaps only the beginning is there. Whoever needs to know whether it is right
 * parses it; this only looks, and is safe whatever the bytes are. */
#ifndef MONITOR_MEMBERS_H
#define MONITOR_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct monitor_slice {
    const char *bytes;
    size_t length;
} monitor_slice;

/** A string of these bytes; yours. */
char *monitor_slice_text(monitor_slice slice);

/** The value behind `key`, as it is written; where the object is cut off, as much of it as there is. False: the object
 *  has no such member, as far as it goes. */
bool monitor_member(monitor_slice object, const char *key, monitor_slice *ret_value);

/** The same for a string, as it reads; yours. NULL if it is none, or is cut off. */
char *monitor_member_text(monitor_slice object, const char *key);

/** The same for a whole number of 0 .. 2^53; false if it is none. */
bool monitor_member_number(monitor_slice object, const char *key, uint64_t *ret_number);

#endif
