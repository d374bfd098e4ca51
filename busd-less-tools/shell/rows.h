/* SPDX-License-Identifier: MIT
 * Rows: where on a terminal a line that is being typed stands. */
#ifndef SHELL_ROWS_H
#define SHELL_ROWS_H

#include <stddef.h>
#include <wchar.h>

/** How many rows below its first one the text from `at` to `end` reaches, behind `before` columns, where a row has
 *  `width`: laid out as libedit does. */
size_t shell_rows(size_t before, const wchar_t *at, const wchar_t *end, size_t width);

#endif
