/* SPDX-License-Identifier: MIT
 * The herald says our services one by one, in words that legacy peers understand: all of them when such a
 * peer asked, again and again while one is about, and slowly after many changed at once. Never faster than
 * its pace, whoever asks and however often. */
#ifndef AB_DIRECTORY_HERALD_H
#define AB_DIRECTORY_HERALD_H

#include "directory/state.h"

void ab_herald_init(ab_directory *directory);
void ab_herald_fini(ab_directory *directory);
/** A legacy peer spoke: it needs to hear us every now and then. */
void ab_herald_legacy_seen(ab_directory *directory);
/** A legacy peer asked: says everything, soon and once. */
void ab_herald_round(ab_directory *directory);
/** Says by and by that this one is there, or has left. */
void ab_herald_later(ab_directory *directory, ab_text *id, bool is_removal);
/** We are leaving: what is still to be said is said quickly, or not at all where nobody listens for it. */
void ab_herald_hurry(ab_directory *directory);
/** Legacy peers have been about lately. */
bool ab_herald_has_audience(const ab_directory *directory);
bool ab_herald_is_done(const ab_directory *directory);

#endif
