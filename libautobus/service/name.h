/* SPDX-License-Identifier: MIT
 * Names of functions, events, objects and channels. */
#ifndef AB_SERVICE_NAME_H
#define AB_SERVICE_NAME_H

#include <autobus/result.h>

#include "wire/ask.h"

/** AUTOBUS_INVALID with a sentence if the program cannot call a `what` ("function") so: 1 to 255 bytes of UTF-8
 *  without control characters; of a function not beginning with "_". */
autobus_result ab_name_check(const char *what, const char *name);

#endif
