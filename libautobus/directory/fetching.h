/* SPDX-License-Identifier: MIT
 * Fetching whole lists over TCP, a few at a time. */
#ifndef AB_DIRECTORY_FETCHING_H
#define AB_DIRECTORY_FETCHING_H

#include "directory/state.h"

void ab_fetching_init(ab_directory *directory);
void ab_fetching_fini(ab_directory *directory);
void ab_fetching_order(ab_neighbour *neighbour);
/** Not needed any more: one that is only queued is dropped, and what one under way brings is welcome still. */
void ab_fetching_forget(ab_neighbour *neighbour);
/** One is queued or under way. */
bool ab_fetching_has(const ab_neighbour *neighbour);

#endif
