/* SPDX-License-Identifier: MIT
 * The folder of this very program, and the other tools that lie in it. */
#ifndef TOOL_FOLDER_H
#define TOOL_FOLDER_H

/** What the names of all tools begin with. */
#define TOOL_PREFIX "autobus-"

/** The folder, however this program was called; free() it. NULL with errno. */
char *tool_folder(void);

/** What to start for a verb: the program that lies in `folder`, else the name of one to be looked for on the PATH.
 *  free() it. */
char *tool_folder_find(const char *folder, const char *verb);

#endif
