/* SPDX-License-Identifier: MIT
 * Each quoted word is read again by a real shell. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool/quote.h"
#include "tool/text.h"

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(quote, .init = start);

static void writes(const char *word, const char *wanted)
{
    char *quoted = tool_quote(word);
    cr_assert_str_eq(quoted, wanted);
    free(quoted);
}

/* bash: $'...' is not in every sh. */
static void survives(const char *word)
{
    char heard[200] = "";
    char *quoted = tool_quote(word);
    char *script = tool_text_format("printf %%s %s", quoted);
    setenv("SCRIPT", script, 1);
    FILE *shell = popen("exec bash -c \"$SCRIPT\"", "r");
    cr_assert_not_null(shell);
    size_t length = fread(heard, 1, sizeof heard - 1, shell);
    cr_assert_eq(pclose(shell), 0);
    heard[length] = '\0';
    cr_assert_str_eq(heard, word, "%s is read as %s", quoted, heard);
    free(script);
    free(quoted);
}

Test(quote, leaves_plain_words_alone)
{
    writes("demo.lamp", "demo.lamp");
    writes("room=kitchen", "room=kitchen");
    writes("10.0.0.2:80/lamp-1", "10.0.0.2:80/lamp-1");
}

Test(quote, keeps_everything_else_together)
{
    writes("", "''");
    writes("lamp*", "'lamp*'");
    writes("Küche", "Küche");
    writes("it's", "'it'\\''s'");
    writes("a\033[2Jb", "$'a\\033[2Jb'");
}

Test(quote, is_one_word_to_a_shell)
{
    static const char *const words[] = {"$(id)", "`id`", "a b", "it's", "a;b",
                                        "\\",    "!x",   "~",   "#",    "a\tb\033'\\"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        survives(words[i]);
    }
}
