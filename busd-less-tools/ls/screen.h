/* SPDX-License-Identifier: MIT
 * The screen: a watch as a table that is drawn again in place. It takes the terminal's second screen and
 * gives it back, and then leaves the last table on the first. */
#ifndef LS_SCREEN_H
#define LS_SCREEN_H

#include "ls/entry.h"
#include "ls/request.h"

void ls_screen_enter(void);
void ls_screen_leave(void);

/** Draws all of it; `asked` is the line that names the interfaces. */
void ls_screen_draw(const ls_request *request, const ls_entries *entries, const char *asked);

#endif
