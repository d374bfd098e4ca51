/* SPDX-License-Identifier: MIT
 * Neighbours: other buses, old peers, and ourselves; and the addresses they are at. */
#ifndef AB_DIRECTORY_NEIGHBOUR_H
#define AB_DIRECTORY_NEIGHBOUR_H

#include "directory/state.h"

#define AB_NEIGHBOUR_LOCATIONS 8

void ab_neighbours_init(ab_directory *directory);
void ab_neighbours_fini(ab_directory *directory);

/** A fresh one without any address yet; `host` is whom it counts with while it is not proven. `bus` is 0 for
 *  a legacy peer. */
ab_neighbour *ab_neighbour_new(ab_directory *directory, ab_neighbour_kind kind, uint64_t bus,
                               const ab_address *host, bool is_proven);
/** Its services leave, if nobody else offers them. */
void ab_neighbour_free(ab_neighbour *neighbour);

/** A forger makes up a new name for every packet; this one was heard again, or has proven itself. */
static inline bool ab_neighbour_is_familiar(const ab_neighbour *neighbour)
{
    return neighbour->is_proven || neighbour->heard > neighbour->met;
}

ab_neighbour *ab_neighbour_of_bus(const ab_directory *directory, uint64_t bus);
/** The first who claims that TCP address, of a certain kind. */
ab_neighbour *ab_neighbour_at(const ab_directory *directory, const ab_address *tcp,
                              ab_neighbour_kind kind);

/** The location for packets from `place`; NULL: it has none there. */
ab_location *ab_neighbour_location(const ab_neighbour *neighbour, const ab_address *host);
/** Makes sure that there is one, with that TCP port. NULL: it has more than enough. */
ab_location *ab_neighbour_settle(ab_neighbour *neighbour, const ab_place *place, uint16_t port);
/** A location that is known only by its TCP address. */
ab_location *ab_neighbour_told(ab_neighbour *neighbour, const ab_address *tcp);
/** False: that was its last one, and the neighbour is gone with it. */
bool ab_neighbour_leave_location(ab_location *location);
/** It has proven itself and we know all it offers: whoever else claims one of its TCP addresses is not there. */
void ab_neighbour_take_places(ab_neighbour *neighbour);
/** The location to try as number `attempt`: heard of lately first. NULL: none that packets go to. */
ab_location *ab_neighbour_reach(const ab_neighbour *neighbour, unsigned attempt);
/** It offers something, or not: counts it among those that do, and that we know well. */
void ab_neighbour_set_counted(ab_neighbour *neighbour, bool is_counted);

#endif
