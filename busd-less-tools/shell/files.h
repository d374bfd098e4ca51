/* SPDX-License-Identifier: MIT
 * Files: the names of those that there are, to complete one. */
#ifndef SHELL_FILES_H
#define SHELL_FILES_H

#include "shell/candidates.h"

/** Adds the files and folders that the part behind `before`, with which it begins, may become. Folders end in a slash;
 *  hidden ones have to be begun with their dot. */
void shell_files_find(shell_candidates *candidates, const char *before);

#endif
