/* SPDX-License-Identifier: MIT
 * Many services said at once: packed into datagrams, after a delay and at a pace that keeps many buses that
 * do so at the same time from drowning each other's words. */
#ifndef AB_DIRECTORY_BULK_H
#define AB_DIRECTORY_BULK_H

#include "directory/state.h"

void ab_bulk_init(ab_directory *directory);
void ab_bulk_fini(ab_directory *directory);
/** Will say these services; what is gone by then is left out. Returns when that will be over. */
ab_time ab_bulk_say(ab_directory *directory, ab_text *const ids[], size_t count);

#endif
