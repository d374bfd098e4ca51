/* SPDX-License-Identifier: MIT
 * Looking at a terminal, and its colours. */
#include "tool/paper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool/options.h"

static const char *const sequences[TOOL_STYLE_COUNT] = {
    [TOOL_PLAIN] = "",        [TOOL_BOLD] = "\033[1m",   [TOOL_FAINT] = "\033[2m",
    [TOOL_RED] = "\033[31m",  [TOOL_GREEN] = "\033[32m", [TOOL_YELLOW] = "\033[33m",
    [TOOL_BLUE] = "\033[34m",
};

static bool is_dumb(const char *term)
{
    return term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
}

static size_t from_environment(const char *name)
{
    const char *text = getenv(name);
    long number;
    return text != NULL && tool_options_whole(text, 1, 10000, &number) ? (size_t)number : 0;
}

bool tool_paper_takes_colour(tool_colour wanted, bool is_terminal, const char *term,
                             const char *no_color)
{
    if (wanted != TOOL_COLOUR_AUTO) {
        return wanted == TOOL_COLOUR_ALWAYS;
    }
    return is_terminal && !is_dumb(term) && (no_color == NULL || *no_color == '\0');
}

bool tool_colour_parse(const char *word, tool_colour *ret_colour)
{
    static const char *const words[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_colour = (tool_colour)i;
            return true;
        }
    }
    return false;
}

void tool_paper_look(tool_paper *paper, tool_colour wanted)
{
    const char *term = getenv("TERM");
    bool is_terminal = isatty(STDOUT_FILENO) == 1;
    struct winsize size = {0};
    if (is_terminal) {
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    }
    /* A terminal knows best: the variables may be older than its last change of size. */
    size_t columns = size.ws_col > 0 ? size.ws_col : from_environment("COLUMNS");
    size_t lines = size.ws_row > 0 ? size.ws_row : from_environment("LINES");
    *paper = (tool_paper){
        .is_terminal = is_terminal && !is_dumb(term),
        .has_colour = tool_paper_takes_colour(wanted, is_terminal, term, getenv("NO_COLOR")),
        .width = columns,
        .height = lines,
    };
    if (is_terminal && paper->width == 0) {
        paper->width = 80;
    }
    if (is_terminal && paper->height == 0) {
        paper->height = 24;
    }
}

const char *tool_paper_begin(const tool_paper *paper, tool_style style)
{
    return paper->has_colour ? sequences[style] : "";
}

const char *tool_paper_end(const tool_paper *paper, tool_style style)
{
    return paper->has_colour && style != TOOL_PLAIN ? "\033[0m" : "";
}
