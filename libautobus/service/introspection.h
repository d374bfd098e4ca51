/* SPDX-License-Identifier: MIT
 * The library's own service, which tells of all others: the function get_details and the object details, as old
 * tools know them, with our descriptions beside. */
#ifndef AB_SERVICE_INTROSPECTION_H
#define AB_SERVICE_INTROSPECTION_H

#include <stdbool.h>

#include "base/text.h"
#include "service/client.h"
#include "service/offers.h"

/** This machine's name up to the first dot, as it stands in every info. */
void ab_introspection_hostname(char *name, size_t size);
/** The info of the introspection service of this process. */
ab_text *ab_introspection_info(void);
/** Gives the introspection service what it has. */
void ab_introspection_furnish(autobus_service *details) AB_LOCKED;
/** Another set of services is published, or something about one is new: who watches will hear. */
void ab_introspection_renew(ab_offers *offers) AB_LOCKED;
/** Something about this service is new; the same if it is published. */
void ab_introspection_touch(const autobus_service *service) AB_LOCKED;
/** A call of the introspection service. False: it is none of its own. */
bool ab_introspection_calls(ab_client *client, const ab_ask *ask) AB_LOCKED;

#endif
