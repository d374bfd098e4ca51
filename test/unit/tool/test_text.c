/* SPDX-License-Identifier: MIT
 * Whatever the network says must not command a terminal, and must fit its columns. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>

#include "tool/text.h"

static void speak_utf8(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(text, .init = speak_utf8);

static void cleans(const char *raw, const char *wanted)
{
    char *clean = tool_text_clean(raw);
    cr_assert_str_eq(clean, wanted);
    free(clean);
}

static void cuts(const char *text, size_t width, const char *wanted)
{
    char *cut = tool_text_cut(text, width);
    cr_assert_str_eq(cut, wanted);
    cr_assert_leq(tool_text_width(cut), width);
    free(cut);
}

Test(text, leaves_what_people_write_alone)
{
    cleans("", "");
    cleans("Küche 灯 \xf0\x9f\x92\xa1 \\ 'x'", "Küche 灯 \xf0\x9f\x92\xa1 \\ 'x'");
}

Test(text, writes_out_control_characters)
{
    cleans("\x1b[2J\x07", "\\x1b[2J\\x07");
    cleans("a\nb\tc\rd\x7f", "a\\nb\\tc\\x0dd\\x7f");
    cleans("\xc2\x9b"
           "31m",
           "\\u009b31m");
}

Test(text, writes_out_what_turns_the_direction_of_reading)
{
    cleans("a\xe2\x80\xae"
           "b",
           "a\\u202eb");
    cleans("\xe2\x81\xa6\xe2\x80\xa8", "\\u2066\\u2028");
}

Test(text, writes_out_bytes_that_are_no_utf8)
{
    cleans("\xff", "\\xff");
    cleans("a\xc3", "a\\xc3");
    cleans("\xe2\x82", "\\xe2\\x82");
}

Test(text, counts_columns_and_not_bytes)
{
    cr_assert_eq(tool_text_width(""), 0);
    cr_assert_eq(tool_text_width("Küche"), 5);
    cr_assert_eq(tool_text_width("灯台"), 4);
    cr_assert_eq(tool_text_width("e\xcc\x81"), 1);
}

Test(text, cuts_with_an_ellipsis)
{
    cuts("kitchen", 7, "kitchen");
    cuts("kitchen", 6, "kitch…");
    cuts("kitchen", 1, "…");
    cuts("kitchen", 0, "");
}

Test(text, never_cuts_a_wide_character_in_half)
{
    cuts("灯台灯", 5, "灯台…");
    cuts("灯台灯", 4, "灯…");
    cuts("灯台灯", 2, "…");
}
