/* SPDX-License-Identifier: MIT
 * The voice: writes packets and hands them to whoever sends. What goes to everybody goes to far
 * correspondents too. When something is to be said is decided elsewhere. */
#ifndef AB_DIRECTORY_VOICE_H
#define AB_DIRECTORY_VOICE_H

#include "directory/own.h"
#include "directory/state.h"

/** Asks. `has_known`: tells whom we know, so that who agrees may stay silent. `to`: for AB_REACH_ONE. */
void ab_voice_query(ab_directory *directory, ab_reach reach, const ab_place *to, bool has_known);
/** Passes a question on to the other programs of this machine. */
void ab_voice_pass_on(ab_directory *directory, const ab_packet *query, const ab_address *asker);
void ab_voice_add(ab_directory *directory, ab_reach reach, const ab_own *own);
void ab_voice_remove(ab_directory *directory, ab_reach reach, ab_slice id);
/** To everybody, or to itself alone. */
void ab_voice_suspect(ab_directory *directory, ab_reach reach, const ab_place *to, uint64_t about);
/** Presence alone. */
void ab_voice_presence(ab_directory *directory, ab_reach reach);
/** Presence with the first of these services, as many as fit into `limit` bytes; *said is how many. False, and
 *  nothing was sent, if not even the presence fits. */
bool ab_voice_services(ab_directory *directory, ab_reach reach, const ab_place *to, size_t limit,
                       const ab_own *const services[], size_t count, size_t *said);

#endif
