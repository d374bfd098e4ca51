/* SPDX-License-Identifier: MIT
 * Candidates, as they are typed and as they are shown. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdlib.h>

#include "shell/candidates.h"
#include "tool/text.h"

static shell_candidates candidates;

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void stop(void)
{
    shell_candidates_fini(&candidates);
}

TestSuite(candidates, .init = start, .fini = stop);

/* A part and all that it may become. */
static void are(const char *part, const char *const *words)
{
    shell_candidates_fini(&candidates);
    shell_candidates_init(&candidates, part);
    for (; *words != NULL; words++) {
        shell_candidates_add(&candidates, "", *words);
    }
    shell_candidates_sort(&candidates);
}

static void type(const char *wanted)
{
    char *typed = shell_candidates_typed(&candidates);
    cr_assert_not_null(typed);
    cr_assert_str_eq(typed, wanted, "%s", typed);
    free(typed);
}

static void type_nothing(void)
{
    cr_assert_null(shell_candidates_typed(&candidates));
}

static void show(size_t width, size_t height, const char *wanted)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    tool_paper paper = {.width = width, .height = height};
    shell_candidates_print(&candidates, &paper, out);
    fclose(out);
    cr_assert_str_eq(text, wanted, "%s", text);
    free(text);
}

Test(candidates, begin_with_the_part_and_are_told_once)
{
    are("la", (const char *[]){"lamp", "heater", "lamp", "lake", NULL});
    cr_assert_eq(candidates.words.count, 2);
    cr_assert_str_eq(candidates.words.list[0], "lake");
    cr_assert_str_eq(candidates.words.list[1], "lamp");
}

Test(candidates, are_typed_whole_if_there_is_only_one)
{
    are("la", (const char *[]){"lamp", NULL});
    type("lamp ");
    are("lamp", (const char *[]){"lamp", NULL});
    type("lamp ");
}

Test(candidates, that_are_folders_go_on)
{
    are("ho", (const char *[]){"house/", NULL});
    type("house/");
    are("my", (const char *[]){"my house/", NULL});
    type("'my house/");
}

Test(candidates, are_typed_as_far_as_they_agree)
{
    are("", (const char *[]){"lamp.old", "lamp.new", NULL});
    type("lamp.");
    are("lamp.", (const char *[]){"lamp.old", "lamp.new", NULL});
    type_nothing();
    are("x", (const char *[]){"lamp", NULL});
    type_nothing();
}

Test(candidates, go_on_behind_an_equals_sign)
{
    are("le", (const char *[]){"level=", NULL});
    type("level=");
    are("the", (const char *[]){"the room=", NULL});
    type("'the room=");
}

Test(candidates, are_quoted_where_they_have_to_be)
{
    are("De", (const char *[]){"Desk lamp", NULL});
    type("'Desk lamp' ");
    are("De", (const char *[]){"Desk lamp", "Desk light", NULL});
    type("'Desk l");
    are("e", (const char *[]){"evil\033[2J", NULL});
    type("$'evil\\033[2J' ");
    are("e", (const char *[]){"e;rm", NULL});
    type("'e;rm' ");
}

Test(candidates, agree_in_whole_characters)
{
    are("", (const char *[]){"x\xc3\xa4", "x\xc3\xb6", NULL});
    type("x");
}

Test(candidates, stand_behind_what_is_there_already)
{
    shell_candidates_init(&candidates, "--key=ro");
    shell_candidates_add(&candidates, "--key=", "room=");
    shell_candidates_add(&candidates, "--key=", "name=");
    shell_candidates_sort(&candidates);
    type("--key=room=");
}

Test(candidates, are_shown_in_columns_that_fit)
{
    are("", (const char *[]){"one", "two", "three", "four", NULL});
    show(40, 24, "four   one    three  two\n");
    show(13, 24, "four   three\none    two\n");
    show(5, 24, "four\none\nthree\ntwo\n");
    show(4, 24, "four\none\nthr…\ntwo\n");
}

Test(candidates, are_not_shown_without_end)
{
    are("", (const char *[]){"a", "b", "c", "d", "e", NULL});
    show(1, 6, "a\nb\nc\nand 2 more\n");
    show(1, 1, "a\nand 4 more\n");
}

Test(candidates, are_shown_harmless_and_in_line)
{
    are("", (const char *[]){"\033[2J", "\xe6\xbc\xa2", "abc", NULL});
    show(40, 24, "\\x1b[2J  abc      \xe6\xbc\xa2\n");
}

Test(candidates, that_are_none_show_nothing)
{
    are("", (const char *[]){NULL});
    show(40, 24, "");
}
