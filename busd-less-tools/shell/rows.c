/* SPDX-License-Identifier: MIT
 * Counting columns. */
#include "shell/rows.h"

enum {
    CONTROL_COLUMNS = 2, /* ^X */
    ESCAPE_COLUMNS = 7,  /* \U+XXXX */
    LONG_ESCAPE_COLUMNS = 8
};

static size_t columns_of(wchar_t character)
{
    if (character < L' ' || character == 0x7f) {
        return CONTROL_COLUMNS;
    }
    int columns = wcwidth(character);
    return columns >= 0         ? (size_t)columns
           : character > 0xffff ? LONG_ESCAPE_COLUMNS
                                : ESCAPE_COLUMNS;
}

size_t shell_rows(size_t before, const wchar_t *at, const wchar_t *end, size_t width)
{
    size_t row = before / width;
    size_t column = before % width;
    for (; at < end; at++) {
        size_t columns = columns_of(*at);
        if (column + columns > width) {
            row++;
            column = 0;
        }
        column += columns;
        if (column >= width) {
            row++;
            column -= width;
        }
    }
    return row;
}
