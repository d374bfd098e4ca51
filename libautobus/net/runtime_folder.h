/* SPDX-License-Identifier: MIT
 * The runtime folder: where all programs of one user on one machine keep the sockets by which they reach each other.
 * Where it is, and whether it is that user's alone. Nothing here ever comes from the network. */
#ifndef AB_NET_RUNTIME_FOLDER_H
#define AB_NET_RUNTIME_FOLDER_H

#include <stdbool.h>

/** Finds it, and makes it where it is not there yet. `chosen` is its whole path; NULL: $XDG_RUNTIME_DIR/autobus, else
 *  /run/user/UID/autobus, else /tmp/autobus-UID, the first that is or can be ours alone. NULL: there is none, and a
 *  line at debug level says why. free() it. */
char *ab_runtime_folder_find(const char *chosen);

/** Makes it where it is not there; true if it is ours alone (ab_runtime_folder_is_ours()). */
bool ab_runtime_folder_make(const char *path);
/** True if it is a folder, no link to one, belongs to us, and is closed to everybody else. Else a line at debug level
 *  says what is wrong. */
bool ab_runtime_folder_is_ours(const char *path);

#endif
