/* SPDX-License-Identifier: MIT
 * The sources of discovery by the names that people give them. */
#ifndef AB_DISCOVERY_SOURCE_NAMES_H
#define AB_DISCOVERY_SOURCE_NAMES_H

#include <autobus/result.h>

enum {
    AB_SOURCE_BROADCAST = 1,
    AB_SOURCE_AVAHI = 2
};

/** Reads "broadcast, avahi" into a set; "none" is the empty one, NULL and blank mean broadcast.
 *  AUTOBUS_INVALID with a sentence. */
autobus_result ab_source_names_parse(const char *text, unsigned *ret);

#endif
