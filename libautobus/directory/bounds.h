/* SPDX-License-Identifier: MIT
 * How much of the picture may come from whom. Whoever has not yet shown that it is where it claims to be
 * shares a small room with all others of its kind; the proven have the whole house. Nobody who is inside is
 * ever put out for a newcomer. */
#ifndef AB_DIRECTORY_BOUNDS_H
#define AB_DIRECTORY_BOUNDS_H

#include "directory/state.h"

/** What all the unproven together may cost, as bytes of memory. */
#define AB_UNPROVEN_BYTES (6 * 1024 * 1024)
/** From here on they are asked to prove themselves. */
#define AB_UNPROVEN_CROWD (AB_UNPROVEN_BYTES / 4 * 3)

void ab_bounds_init(ab_directory *directory);
void ab_bounds_fini(ab_directory *directory);
/** True if one more neighbour from that host can be let in, proven or not. */
bool ab_bounds_has_room(const ab_directory *directory, const ab_address *host, bool is_proven);
/** A neighbour, not proven yet, comes in from that host. */
void ab_bounds_seat(ab_neighbour *neighbour, const ab_address *host);
void ab_bounds_unseat(ab_neighbour *neighbour);
/** Room for one more service of that many bytes of text; false: none, and that is counted. */
bool ab_bounds_take(ab_neighbour *neighbour, size_t bytes);
void ab_bounds_give(ab_neighbour *neighbour, size_t bytes);
/** It is where it claims to be. */
void ab_bounds_prove(ab_neighbour *neighbour);
bool ab_bounds_is_crowded(const ab_directory *directory);

#endif
