/* SPDX-License-Identifier: MIT
 * A table: rows of clean text under headings, laid out in columns that fit the paper. Columns that are empty
 * in every row are left out; those that may shrink give way, the widest first. */
#ifndef TOOL_TABLE_H
#define TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tool/paper.h"

/** The largest number of columns. */
#define TOOL_TABLE_MOST 10

typedef struct tool_column {
    const char *heading;
    bool shrinks;
    tool_style style;
} tool_column;

typedef struct tool_table {
    const tool_column *columns;
    size_t count;
    char **cells; /* count for each row; owned */
    tool_style *styles;
    size_t rows, room;
} tool_table;

/** An empty table; `columns` outlives it. */
void tool_table_init(tool_table *self, const tool_column *columns, size_t count);
void tool_table_fini(tool_table *self);

/** Adds a row of `count` cells (copied, clean text). A style other than TOOL_PLAIN colours the whole row. */
void tool_table_add(tool_table *self, const char *const *cells, tool_style style);

/** The width of each column on that paper; 0 for one that is left out. */
void tool_table_layout(const tool_table *self, const tool_paper *paper, bool with_heading,
                       size_t ret_widths[TOOL_TABLE_MOST]);

/** Prints the headings, if asked for, and the first `most` rows; each line ends in `end`. */
void tool_table_print(const tool_table *self, const tool_paper *paper, bool with_heading,
                      size_t most, const char *end, FILE *out);

#endif
