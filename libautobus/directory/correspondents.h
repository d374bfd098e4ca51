/* SPDX-License-Identifier: MIT
 * Those beyond our links: peers listed by name, whom we ask, and places from there that we answered. What we
 * say to everybody they get as a letter of their own. */
#ifndef AB_DIRECTORY_CORRESPONDENTS_H
#define AB_DIRECTORY_CORRESPONDENTS_H

#include "directory/state.h"

void ab_correspondents_init(ab_directory *directory);
void ab_correspondents_fini(ab_directory *directory);
/** True if packets from there count although it is beyond our links. */
bool ab_correspondents_accepts(const ab_directory *directory, const ab_address *from);
/** A place beyond our links was answered, or spoke to us: it hears from us for a while. */
void ab_correspondents_remember(ab_directory *directory, const ab_place *place);
void ab_correspondents_copy(ab_directory *directory, ab_packet_kind kind, const char *bytes,
                            size_t length);
/** Asks every listed peer now. */
void ab_correspondents_ask(ab_directory *directory);

#endif
