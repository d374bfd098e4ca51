/* SPDX-License-Identifier: MIT
 * The catalogue: every service known, who offers it, and where. It alone tells that one appeared, left or has
 * another best location, each exactly once. */
#ifndef AB_DIRECTORY_CATALOGUE_H
#define AB_DIRECTORY_CATALOGUE_H

#include "directory/state.h"

void ab_catalogue_init(ab_directory *directory);
void ab_catalogue_fini(ab_directory *directory);

/** What this neighbour offers under that id; NULL: nothing. */
ab_holding *ab_catalogue_held(const ab_neighbour *neighbour, ab_slice id);
/** The neighbour offers this. With another info than before the old one leaves first. NULL: no room. */
ab_holding *ab_catalogue_put(ab_neighbour *neighbour, ab_slice id, ab_slice info);
/** The same for our own, whose text is shared. */
ab_holding *ab_catalogue_put_own(ab_directory *directory, ab_text *id, ab_text *info,
                                 uint64_t digest);
/** The neighbour does not offer it any more. */
void ab_catalogue_drop(ab_holding *holding);
void ab_catalogue_drop_all(ab_neighbour *neighbour);
/** Its addresses are others now. */
void ab_catalogue_moved(ab_neighbour *neighbour);
/** The entry's sighting, borrowed. */
autobus_sighting *ab_catalogue_sighting(ab_entry *entry);
ab_entry *ab_catalogue_first(const ab_directory *directory, ab_slice id);

/** How good it is to reach something at that address: the less the better. */
unsigned ab_catalogue_rank(const ab_address *address);

#endif
