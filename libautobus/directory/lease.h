/* SPDX-License-Identifier: MIT
 * Leases: how long a neighbour is believed to be there unheard, and what is tried before it is given up. */
#ifndef AB_DIRECTORY_LEASE_H
#define AB_DIRECTORY_LEASE_H

#include "directory/state.h"

void ab_lease_init(ab_neighbour *neighbour);
void ab_lease_stop(ab_neighbour *neighbour);
/** A sign of life. */
void ab_lease_heard(ab_neighbour *neighbour);
/** It said goodbye: it is kept for a moment only. */
void ab_lease_bury(ab_neighbour *neighbour);
ab_time ab_lease_length(const ab_neighbour *neighbour);
/** Somebody else says aloud that it suspects it: we need not. */
void ab_lease_suspected(ab_neighbour *neighbour);
/** There is reason to doubt that it is there: it is asked and probed as if its lease were over. */
void ab_lease_doubt(ab_neighbour *neighbour);
/** We did not run for so long; nobody is given up within the next moments. */
void ab_lease_prolong(ab_neighbour *neighbour, ab_time gap, ab_time grace);

/* From the prober. */
void ab_lease_probe_began(ab_directory *directory, uint64_t bus, uint64_t serial);
void ab_lease_probed(ab_directory *directory, uint64_t bus, uint64_t serial, unsigned suspicion,
                     bool is_alive);

#endif
