/* SPDX-License-Identifier: MIT
 * Tables line up, and never run over the edge of their paper. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tool/table.h"
#include "tool/text.h"

static const tool_column columns[] = {
    {"TYPE", true, TOOL_PLAIN},
    {"NAME", true, TOOL_PLAIN},
    {"ADDRESS", false, TOOL_PLAIN},
    {"INFO", true, TOOL_PLAIN},
};

static tool_table table;

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    tool_table_init(&table, columns, 4);
}

static void stop(void)
{
    tool_table_fini(&table);
}

TestSuite(table, .init = start, .fini = stop);

static void row(const char *type, const char *name, const char *address, const char *info)
{
    const char *cells[] = {type, name, address, info};
    tool_table_add(&table, cells, TOOL_PLAIN);
}

static void prints(tool_paper paper, bool with_heading, size_t most, const char *wanted)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    tool_table_print(&table, &paper, with_heading, most, "\n", out);
    fclose(out);
    cr_assert_str_eq(text, wanted);
    free(text);
}

Test(table, lines_its_columns_up)
{
    row("lamp", "Desk", "10.0.0.2:4000", "room=office");
    row("thermostat", "", "10.0.0.10:4000", "");
    prints((tool_paper){0}, true, 9,
           "TYPE        NAME  ADDRESS         INFO\n"
           "lamp        Desk  10.0.0.2:4000   room=office\n"
           "thermostat        10.0.0.10:4000\n");
}

Test(table, leaves_out_a_column_that_is_always_empty)
{
    row("lamp", "", "10.0.0.2:4000", "");
    prints((tool_paper){0}, true, 9, "TYPE  ADDRESS\nlamp  10.0.0.2:4000\n");
}

Test(table, does_without_headings)
{
    row("lamp", "", "10.0.0.2:4000", "");
    prints((tool_paper){0}, false, 9, "lamp  10.0.0.2:4000\n");
}

Test(table, counts_the_columns_of_wide_characters)
{
    row("灯", "Küche", "a:1", "");
    row("lamp", "x", "b:2", "");
    prints((tool_paper){0}, false, 9, "灯    Küche  a:1\nlamp  x      b:2\n");
}

Test(table, lets_the_widest_column_give_way)
{
    row("lamp", "Desk", "10.0.0.2:4000", "room=office floor=2 colour=white");
    prints((tool_paper){.width = 40}, false, 9, "lamp  Desk  10.0.0.2:4000  room=office …\n");
}

Test(table, never_runs_over_the_edge)
{
    row("a-very-long-type-indeed", "a-very-long-name", "[fe80::1234:5678:9abc:def0%eth0]:41234",
        "x=1");
    for (size_t width = 1; width < 100; width++) {
        char *text = NULL;
        size_t length;
        FILE *out = tool_text_stream(&text, &length);
        tool_table_print(&table, &(tool_paper){.width = width}, true, 9, "\n", out);
        fclose(out);
        char *rest = text;
        for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
            cr_assert_leq(tool_text_width(line), width, "'%s' on %zu columns", line, width);
        }
        free(text);
    }
}

Test(table, stops_after_as_many_rows_as_asked_for)
{
    row("a", "", "", "");
    row("b", "", "", "");
    prints((tool_paper){0}, false, 1, "a\n");
}

Test(table, colours_text_and_no_blanks)
{
    const char *cells[] = {"lamp", "", "a:1", ""};
    tool_table_add(&table, cells, TOOL_RED);
    prints((tool_paper){.has_colour = true}, false, 9, "\033[31mlamp\033[0m  \033[31ma:1\033[0m\n");
}
