/* SPDX-License-Identifier: MIT
 * The introspection service autobus.details: what it says of itself and of the services beside it. */
#ifndef AB_SERVICE_INTROSPECTION_H
#define AB_SERVICE_INTROSPECTION_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"

/** This machine's name up to the first dot, as it stands in every info. */
void ab_introspection_hostname(char *name, size_t size);
/** The info of the introspection service of this process. */
ab_text *ab_introspection_info(void);
/** Appends one service's entry of get_details: "id":{…}. */
void ab_introspection_entry(ab_buffer *out, ab_slice id, ab_slice info, bool is_introspection,
                            bool is_first);

#endif
