/* SPDX-License-Identifier: MIT
 * Legacy peers: what they `add` and `remove`, each for the one address it comes from, and whether it is still
 * there. */
#ifndef AB_DIRECTORY_LEGACY_H
#define AB_DIRECTORY_LEGACY_H

#include "directory/prober.h"
#include "directory/state.h"

void ab_legacy_init(ab_directory *directory);
void ab_legacy_fini(ab_directory *directory);
void ab_legacy_add(ab_directory *directory, const ab_place *from, const ab_packet *packet);
void ab_legacy_remove(ab_directory *directory, const ab_place *from, const ab_packet *packet);
/** A legacy peer showed itself, by whatever. */
void ab_legacy_seen(ab_directory *directory);
/** True if one has since we started. */
bool ab_legacy_is_about(const ab_directory *directory);
/** Something of this neighbour was not heard of for long: probes that. */
void ab_legacy_check(ab_neighbour *neighbour);
void ab_legacy_prolong(ab_neighbour *neighbour, ab_time gap, ab_time grace);
void ab_legacy_probed(ab_directory *directory, const ab_probe_order *order, bool is_alive);

#endif
