/* SPDX-License-Identifier: MIT
 * Filters: conditions on a service's info, matched on the text without parsing it.
 * The public functions of <autobus/filter.h> are implemented beside this. Immutable once shared. */
#ifndef AB_VALUE_FILTER_H
#define AB_VALUE_FILTER_H

#include <stdbool.h>

#include <autobus/filter.h>

#include "base/text.h"
#include "value/scan.h"

/** What a filter looks at: the info as sent, and what the receiver fills in on top of it. */
typedef struct ab_subject {
    ab_value info; /**< a checked map */
    ab_slice host, service;
    uint16_t port;
} ab_subject;

/** The mistake made while it was built, said again; AUTOBUS_OK without one. NULL is fine. */
autobus_result ab_filter_check(const autobus_filter *filter);
/** A NULL filter matches whatever is not the library's own ("type" does not begin with "autobus."). */
bool ab_filter_matches(const autobus_filter *filter, const ab_subject *subject);
/** True if a condition is about host or port, so that the answer may change while the service stays. */
bool ab_filter_sees_location(const autobus_filter *filter);
/** True if the info's type begins with "autobus.". */
bool ab_filter_is_library(ab_value info);

#endif
