/* SPDX-License-Identifier: MIT
 * Lines of the shell, and what is no line. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "shell/line.h"

static shell_line line;

static void stop(void)
{
    shell_line_fini(&line);
}

TestSuite(line, .fini = stop);

/* The words are these, written with a bar between them. */
static void reads(const char *text, const char *wanted, bool is_beside)
{
    char heard[200] = "";
    shell_line_fini(&line);
    shell_line_init(&line, text);
    cr_assert_null(line.mistake, "%s: %s", text, line.mistake);
    for (size_t i = 0; i < line.words.count; i++) {
        strcat(strcat(heard, i > 0 ? "|" : ""), line.words.list[i]);
    }
    cr_assert_str_eq(heard, wanted, "%s: %s", text, heard);
    cr_assert_eq(line.is_beside, is_beside, "%s", text);
}

static void rejects(const char *text, const char *part)
{
    shell_line_fini(&line);
    shell_line_init(&line, text);
    cr_assert_not_null(line.mistake, "%s", text);
    cr_assert_not_null(strstr(line.mistake, part), "%s", line.mistake);
}

Test(line, has_words)
{
    reads("call lamp set level=40", "call|lamp|set|level=40", false);
    reads("  show 'Desk lamp'  ", "show|Desk lamp", false);
    reads("call x y $'\\033[2J'", "call|x|y|\033[2J", false);
}

Test(line, may_be_very_long)
{
    enum {
        WORDS = 20000
    };
    char *text = malloc(2 * WORDS + 2);
    for (size_t i = 0; i < WORDS; i++) {
        memcpy(text + 2 * i, "x ", 2);
    }
    memcpy(text + 2 * WORDS, "&", 2);
    shell_line_init(&line, text);
    free(text);
    cr_assert_null(line.mistake);
    cr_assert_eq(line.words.count, WORDS);
    cr_assert(line.is_beside);
}

Test(line, may_be_empty_or_a_comment)
{
    reads("", "", false);
    reads(" \t", "", false);
    reads("# what the evening is like", "", false);
    reads("ls lamp # all of them", "ls|lamp", false);
    reads("call x y a#b", "call|x|y|a#b", false);
}

Test(line, goes_to_the_background_with_an_ampersand)
{
    reads("watch lamp level &", "watch|lamp|level", true);
    reads("watch lamp level&  ", "watch|lamp|level", true);
    reads("call x y '&'", "call|x|y|&", false);
    reads("call x y \"a&\"", "call|x|y|a&", false);
    rejects("&", "nothing before");
    rejects("  & ", "nothing before");
}

Test(line, is_refused_where_another_shell_would_do_something_else)
{
    rejects("ls -j | jq", "'|'");
    rejects("ls; show x", "';'");
    rejects("ls > file", "'>'");
    rejects("call x y <file", "'<'");
    rejects("ls & show x", "'&'");
    rejects("ls && show x", "'&'");
}

Test(line, says_which_quote_is_open)
{
    rejects("call x 'y", "quote '");
    rejects("call x \"y", "quote \"");
    rejects("call x $'y", "quote '");
}
