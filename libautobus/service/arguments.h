/* SPDX-License-Identifier: MIT
 * Holds the arguments of a call to the description of the function: without building anything of them. */
#ifndef AB_SERVICE_ARGUMENTS_H
#define AB_SERVICE_ARGUMENTS_H

#include <autobus/result.h>

#include "base/buffer.h"
#include "service/description.h"

/** `list` is a checked list. On success *ret is its text; or it lies in `room`, missing arguments that have a default
 *  filled in (and null for those before them that have none). AUTOBUS_INVALID with a sentence that names the
 *  function, the parameter, the value, and what would be right. */
autobus_result ab_arguments_fit(const ab_description *description, const char *function,
                                ab_value list, ab_buffer *room, ab_slice *ret);

#endif
