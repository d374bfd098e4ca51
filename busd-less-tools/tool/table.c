/* SPDX-License-Identifier: MIT
 * Layout and printing of tables. */
#include "tool/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

enum {
    GAP = 2,
    NARROWEST = 6
};

void tool_table_init(tool_table *self, const tool_column *columns, size_t count)
{
    assert(count <= TOOL_TABLE_MOST);
    *self = (tool_table){.columns = columns, .count = count};
}

void tool_table_fini(tool_table *self)
{
    for (size_t i = 0; i < self->rows * self->count; i++) {
        free(self->cells[i]);
    }
    free(self->cells);
    free(self->styles);
    *self = (tool_table){0};
}

void tool_table_add(tool_table *self, const char *const *cells, tool_style style)
{
    if (self->rows == self->room) {
        self->room = self->room == 0 ? 16 : self->room * 2;
        self->cells = tool_text_checked(
            reallocarray(self->cells, self->room * self->count, sizeof *self->cells));
        self->styles =
            tool_text_checked(reallocarray(self->styles, self->room, sizeof *self->styles));
    }
    for (size_t i = 0; i < self->count; i++) {
        self->cells[self->rows * self->count + i] = tool_text_checked(strdup(cells[i]));
    }
    self->styles[self->rows++] = style;
}

static const char *cell_at(const tool_table *self, size_t row, size_t column)
{
    return self->cells[row * self->count + column];
}

static size_t natural_width(const tool_table *self, size_t column)
{
    size_t widest = 0;
    for (size_t row = 0; row < self->rows; row++) {
        size_t width = tool_text_width(cell_at(self, row, column));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static size_t total_width(const size_t *widths, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += widths[i] == 0 ? 0 : widths[i] + (total > 0 ? GAP : 0);
    }
    return total;
}

/* The widest column that may still give way; `count` if there is none. */
static size_t column_to_shrink(const tool_table *self, const size_t *widths)
{
    size_t found = self->count;
    for (size_t i = 0; i < self->count; i++) {
        bool may = self->columns[i].shrinks && widths[i] > NARROWEST;
        if (may && (found == self->count || widths[i] >= widths[found])) {
            found = i;
        }
    }
    return found;
}

void tool_table_layout(const tool_table *self, const tool_paper *paper, bool with_heading,
                       size_t ret_widths[TOOL_TABLE_MOST])
{
    for (size_t i = 0; i < self->count; i++) {
        size_t width = natural_width(self, i);
        size_t heading = with_heading ? tool_text_width(self->columns[i].heading) : 0;
        ret_widths[i] = width > 0 && heading > width ? heading : width;
    }
    while (paper->width > 0 && total_width(ret_widths, self->count) > paper->width) {
        size_t column = column_to_shrink(self, ret_widths);
        if (column == self->count) {
            return;
        }
        ret_widths[column]--;
    }
}

/* One line; `room` is what is left of the paper, so that even a table that cannot fit never wraps. */
static void print_line(const tool_table *self, const tool_paper *paper, const size_t *widths,
                       const char *const *cells, tool_style row, FILE *out)
{
    size_t room = paper->width > 0 ? paper->width : (size_t)-1;
    size_t owed = 0; /* blanks that only a further cell needs */
    for (size_t i = 0; i < self->count && room > owed; i++) {
        if (widths[i] == 0) {
            continue;
        }
        room -= owed;
        char *text = tool_text_cut(cells[i], widths[i] < room ? widths[i] : room);
        size_t width = tool_text_width(text);
        if (width > 0) {
            tool_style style = row != TOOL_PLAIN ? row : self->columns[i].style;
            fprintf(out, "%*s%s%s%s", (int)owed, "", tool_paper_begin(paper, style), text,
                    tool_paper_end(paper, style));
            owed = 0;
        } else {
            room += owed;
        }
        owed += widths[i] - width + GAP;
        room -= width;
        free(text);
    }
}

void tool_table_print(const tool_table *self, const tool_paper *paper, bool with_heading,
                      size_t most, const char *end, FILE *out)
{
    size_t widths[TOOL_TABLE_MOST];
    const char *headings[TOOL_TABLE_MOST];
    tool_table_layout(self, paper, with_heading, widths);
    for (size_t i = 0; i < self->count; i++) {
        headings[i] = self->columns[i].heading;
    }
    if (with_heading) {
        print_line(self, paper, widths, headings, TOOL_BOLD, out);
        fputs(end, out);
    }
    for (size_t row = 0; row < self->rows && row < most; row++) {
        print_line(self, paper, widths, (const char *const *)&self->cells[row * self->count],
                   self->styles[row], out);
        fputs(end, out);
    }
}
