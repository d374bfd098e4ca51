/* SPDX-License-Identifier: MIT
 * The introspection service autobus.details: what it says of itself and of the services beside it. */
#ifndef AB_SERVICE_INTROSPECTION_H
#define AB_SERVICE_INTROSPECTION_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"
#include "service/offers.h"

/** This machine's name up to the first dot, as it stands in every info. */
void ab_introspection_hostname(char *name, size_t size);
/** The info of the introspection service of this process. */
ab_text *ab_introspection_info(void);
/** Appends the value of get_details: every published service of ours, by id. */
void ab_introspection_details(ab_buffer *out, const ab_offers *offers) AB_LOCKED;

#endif
