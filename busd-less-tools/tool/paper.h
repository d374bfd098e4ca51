/* SPDX-License-Identifier: MIT
 * Paper: what the output is written on. How wide it is, and whether it takes colour. */
#ifndef TOOL_PAPER_H
#define TOOL_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum tool_colour {
    TOOL_COLOUR_AUTO,
    TOOL_COLOUR_ALWAYS,
    TOOL_COLOUR_NEVER
} tool_colour;

typedef enum tool_style {
    TOOL_PLAIN,
    TOOL_BOLD,
    TOOL_FAINT,
    TOOL_RED,
    TOOL_GREEN,
    TOOL_YELLOW,
    TOOL_BLUE,
    TOOL_STYLE_COUNT
} tool_style;

typedef struct tool_paper {
    bool is_terminal; /**< one that can move its cursor */
    bool has_colour;
    size_t width;  /**< columns; 0: endless, as on a pipe */
    size_t height; /**< lines; 0: endless */
} tool_paper;

/** Looks at standard output and at COLUMNS, LINES, TERM and NO_COLOR. */
void tool_paper_look(tool_paper *paper, tool_colour wanted);

/** Whether to use colour there. `term` and `no_color` are the variables' values; NULL: not set. */
bool tool_paper_takes_colour(tool_colour wanted, bool is_terminal, const char *term,
                             const char *no_color);

/** Reads auto, always or never; false for any other word. */
bool tool_colour_parse(const char *word, tool_colour *ret_colour);

/** The escape sequences around styled text; empty without colour. */
const char *tool_paper_begin(const tool_paper *paper, tool_style style);
const char *tool_paper_end(const tool_paper *paper, tool_style style);

#endif
