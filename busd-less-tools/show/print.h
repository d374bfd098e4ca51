/* SPDX-License-Identifier: MIT
 * Portraits on paper: for people, as JSON lines, or names alone. */
#ifndef SHOW_PRINT_H
#define SHOW_PRINT_H

#include <stdio.h>

#include "show/portrait.h"
#include "show/request.h"

/** Prints it in the form asked for. */
void show_print(const show_request *request, const show_portrait *portrait, FILE *out);

#endif
