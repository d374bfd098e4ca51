/* SPDX-License-Identifier: MIT
 * Our own services, in the order of their ids, and what that makes us say of ourselves. When it is said is
 * decided elsewhere. */
#ifndef AB_DIRECTORY_OWN_H
#define AB_DIRECTORY_OWN_H

#include "directory/state.h"

void ab_own_init(ab_directory *directory);
void ab_own_fini(ab_directory *directory);

size_t ab_own_count(const ab_directory *directory);
const ab_own *ab_own_at(const ab_directory *directory, size_t index);
/** NULL: not ours. */
const ab_own *ab_own_find(const ab_directory *directory, ab_slice id);
/** The index of the first whose id comes after that one. */
size_t ab_own_after(const ab_directory *directory, ab_slice id);

void ab_own_add(ab_directory *directory, ab_text *id, ab_text *info);
/** Returns whether anybody may have heard of it, and its id, which is the caller's. */
ab_text *ab_own_remove(ab_directory *directory, const ab_own *own, bool *was_exposed);
/** All we have by now is being said. */
void ab_own_expose(ab_directory *directory);
bool ab_own_is_exposed(const ab_directory *directory);

/** Draws the time until the next presence anew; it is what our packets promise from now on. */
ab_time ab_own_draw_interval(ab_directory *directory);

#endif
