/* SPDX-License-Identifier: MIT
 * Asking everybody: the queries of a bus that starts, or that begins to wait for something. */
#ifndef AB_DIRECTORY_ASKING_H
#define AB_DIRECTORY_ASKING_H

#include "directory/state.h"

void ab_asking_init(ab_directory *directory);
void ab_asking_fini(ab_directory *directory);
/** Somebody waits from now on: asks again, unless we have only just begun to. */
void ab_asking_want(ab_directory *directory);
/** Asks again from the first time on, now; at most once a second, else when that second is over. */
void ab_asking_restart(ab_directory *directory);
/** Something is offered that may not be announced yet: lets the next question, which says it, come at once. */
void ab_asking_hurry(ab_directory *directory);
/** Somebody else asked, and told whom it knows. */
void ab_asking_overheard(ab_directory *directory, const ab_packet *query);
/** When the first question of the present round went out; AB_NEVER: not yet. */
ab_time ab_asking_began(const ab_directory *directory);

#endif
