/* SPDX-License-Identifier: MIT
 * Services on paper, in each of the forms: table, long, JSON lines; and the lines of a watch. */
#ifndef LS_PRINT_H
#define LS_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "ls/entry.h"
#include "ls/request.h"

/** Prints the whole list in the form asked for; its order may change. */
void ls_print_list(const ls_request *request, ls_entries *entries, FILE *out);

/** Prints one change, as a line or more. */
void ls_print_change(const ls_request *request, const ls_entry *entry, autobus_change change,
                     FILE *out);

/** Prints the list as a table of at most `most` rows, each line ended by `end`; with `marks` in front when
 *  it is a watch that is redrawn. */
void ls_print_table(const ls_request *request, const ls_entries *entries, bool marks, size_t most,
                    const char *end, FILE *out);

#endif
