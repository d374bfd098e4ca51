/* SPDX-License-Identifier: MIT
 * Saying aloud what appeared and left, each three times; and presence in between. */
#ifndef AB_DIRECTORY_SAYING_H
#define AB_DIRECTORY_SAYING_H

#include "directory/state.h"

#define AB_SAYING_FEW 8 /**< up to that many changes at once are said one by one */

void ab_saying_init(ab_directory *directory);
void ab_saying_fini(ab_directory *directory);
/** One of our own appeared. */
void ab_saying_appeared(ab_directory *directory, ab_text *id);
/** One left; `was_exposed`: somebody may know of it. */
void ab_saying_left(ab_directory *directory, ab_text *id, bool was_exposed);
/** Something is offered that has not been said aloud, since we only just started. */
bool ab_saying_is_held_back(const ab_directory *directory);
/** Says presence to everybody now, unless that was done a moment ago or there is nothing to say yet. */
void ab_saying_presence_now(ab_directory *directory);
/** All that was to be said has been. */
bool ab_saying_is_done(const ab_directory *directory);

#endif
