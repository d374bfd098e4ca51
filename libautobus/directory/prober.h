/* SPDX-License-Identifier: MIT
 * Orders TCP probes: so many at a time, the proven before the others, and brings each verdict to whom it
 * concerns. */
#ifndef AB_DIRECTORY_PROBER_H
#define AB_DIRECTORY_PROBER_H

#include "directory/state.h"

typedef enum ab_probe_purpose {
    AB_PROBE_LEASE,    /**< a bus is overdue */
    AB_PROBE_LEGACY,   /**< a legacy service is */
    AB_PROBE_FAREWELL, /**< a legacy service was said to have left */
    AB_PROBE_NEWCOMER  /**< a legacy service for which there is no room, unless it is real */
} ab_probe_purpose;

typedef struct ab_probe_order {
    ab_probe_purpose purpose;
    ab_address at;
    ab_text
        *service;  /**< NULL: introspection. The prober takes a reference of its own, of info too */
    ab_text *info; /**< to be known again if it is alive; NULL: none */
    uint64_t bus, serial;
    unsigned suspicion;
    ab_time began;
    bool is_proven;
} ab_probe_order;

void ab_prober_init(ab_directory *directory);
void ab_prober_fini(ab_directory *directory);
void ab_prober_order(ab_directory *directory, const ab_probe_order *order);

#endif
