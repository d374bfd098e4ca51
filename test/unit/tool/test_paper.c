/* SPDX-License-Identifier: MIT
 * When there is colour, and when there is none. */
#include <criterion/criterion.h>

#include "tool/paper.h"

Test(paper, takes_colour_on_a_terminal)
{
    cr_assert(tool_paper_takes_colour(TOOL_COLOUR_AUTO, true, "xterm", NULL));
    cr_assert(tool_paper_takes_colour(TOOL_COLOUR_AUTO, true, "xterm", ""));
}

Test(paper, takes_none_elsewhere_or_against_anyones_wish)
{
    cr_assert_not(tool_paper_takes_colour(TOOL_COLOUR_AUTO, false, "xterm", NULL));
    cr_assert_not(tool_paper_takes_colour(TOOL_COLOUR_AUTO, true, "dumb", NULL));
    cr_assert_not(tool_paper_takes_colour(TOOL_COLOUR_AUTO, true, NULL, NULL));
    cr_assert_not(tool_paper_takes_colour(TOOL_COLOUR_AUTO, true, "xterm", "1"));
}

Test(paper, obeys_the_option_before_anything_else)
{
    cr_assert(tool_paper_takes_colour(TOOL_COLOUR_ALWAYS, false, "dumb", "1"));
    cr_assert_not(tool_paper_takes_colour(TOOL_COLOUR_NEVER, true, "xterm", NULL));
}

Test(paper, knows_three_words_for_it)
{
    tool_colour colour = TOOL_COLOUR_AUTO;
    cr_assert(tool_colour_parse("never", &colour) && colour == TOOL_COLOUR_NEVER);
    cr_assert(tool_colour_parse("always", &colour) && colour == TOOL_COLOUR_ALWAYS);
    cr_assert(tool_colour_parse("auto", &colour) && colour == TOOL_COLOUR_AUTO);
    cr_assert_not(tool_colour_parse("sometimes", &colour));
    cr_assert_not(tool_colour_parse("", &colour));
}

Test(paper, writes_no_escape_sequence_without_colour)
{
    tool_paper plain = {0};
    tool_paper bright = {.has_colour = true};
    cr_assert_str_empty(tool_paper_begin(&plain, TOOL_RED));
    cr_assert_str_empty(tool_paper_end(&plain, TOOL_RED));
    cr_assert_str_not_empty(tool_paper_begin(&bright, TOOL_RED));
    cr_assert_str_empty(tool_paper_end(&bright, TOOL_PLAIN));
}
