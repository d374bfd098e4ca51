/* SPDX-License-Identifier: MIT
 * Names of functions, events, objects and channels. */
#ifndef AB_SERVICE_NAME_H
#define AB_SERVICE_NAME_H

#include <autobus/result.h>

#include "value/scan.h"

#define AB_NAME_MOST 255

/** AUTOBUS_INVALID with a sentence if the program cannot call a `what` ("function") so: 1 to 255 bytes of UTF-8
 *  without control characters; of a function not beginning with "_". */
autobus_result ab_name_check(const char *what, const char *name);

/** A name that came over the wire, as it reads. */
typedef struct ab_name {
    char bytes[AB_NAME_MOST + 1]; /**< with a '\0' behind */
    size_t length;
} ab_name;
/** False: it is no string, or longer than any name. */
bool ab_name_read(ab_value value, ab_name *name);

#endif
