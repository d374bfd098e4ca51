/* SPDX-License-Identifier: MIT
 * The tree: machines, their buses, the services of each, and what these have. */
#ifndef LS_TREE_H
#define LS_TREE_H

#include <stdio.h>

#include "ls/entry.h"
#include "ls/request.h"

/** Prints it. The order of the list changes. */
void ls_tree_print(const ls_request *request, ls_entries *entries, FILE *out);

#endif
