/* SPDX-License-Identifier: MIT
 * At the door: what happens to newcomers while the room for the unproven is full. Nothing of them is kept but
 * a few numbers; those that show to be real, by an answer or a probe, are let in. */
#ifndef AB_DIRECTORY_NEWCOMERS_H
#define AB_DIRECTORY_NEWCOMERS_H

#include "directory/state.h"

void ab_newcomers_init(ab_directory *directory);
void ab_newcomers_fini(ab_directory *directory);
/** A bus not known so far speaks from there. Lets it in, or asks it to prove itself. NULL: not yet. */
ab_neighbour *ab_newcomers_bus(ab_directory *directory, const ab_place *place, uint64_t bus,
                               bool is_direct);
/** There was no room for this service of a legacy peer: perhaps probes it. */
void ab_newcomers_legacy(ab_directory *directory, const ab_address *tcp, ab_slice id,
                         ab_slice info);

#endif
