/* SPDX-License-Identifier: MIT
 * Commands taken apart as people expect it of a shell. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "tool/quote.h"
#include "tool/words.h"

static tool_words words;

static void stop(void)
{
    tool_words_fini(&words);
}

TestSuite(words, .fini = stop);

/* The words are these, written with a bar between them. */
static void splits(const char *text, const char *wanted)
{
    char heard[200] = "";
    tool_words_fini(&words);
    cr_assert(tool_words_split(&words, text), "%s", text);
    for (size_t i = 0; i < words.count; i++) {
        strcat(strcat(heard, i > 0 ? "|" : ""), words.list[i]);
    }
    cr_assert_str_eq(heard, wanted, "%s: %s", text, heard);
    cr_assert_null(words.list[words.count]);
}

static void takes(const char *text, bool has_escapes, const char *wanted, char open)
{
    char word[100];
    char heard;
    const char *end = tool_words_take(text, has_escapes, word, &heard);
    cr_assert_str_eq(word, wanted, "%s: %s", text, word);
    cr_assert_eq(heard, open, "%s", text);
    cr_assert(*end == '\0' || *end == ' ', "%s", end);
}

Test(words, are_what_stands_between_blanks)
{
    splits("  one two\tthree \n", "one|two|three");
}

Test(words, are_kept_together_by_quotes_and_backslashes)
{
    splits("'a b' \"c d\" e\\ f", "a b|c d|e f");
    splits("a'b'\"c\"d", "abcd");
    splits("'a\"b' \"a'b\"", "a\"b|a'b");
    splits("'a\\b' \"a\\\"b\"", "a\\b|a\"b");
    splits("'' x \"\"", "|x|");
}

Test(words, are_none_if_there_is_nothing_or_a_quote_stays_open)
{
    cr_assert_not(tool_words_split(&words, " \t"));
    cr_assert_not(tool_words_split(&words, "say 'hello"));
    cr_assert_eq(words.count, 0);
}

Test(words, can_be_copied_and_added_to)
{
    tool_words copy;
    splits("a b", "a|b");
    tool_words_copy(&copy, &words);
    tool_words_add(&copy, strdup("c"));
    cr_assert_eq(words.count, 2);
    cr_assert_eq(copy.count, 3);
    cr_assert_str_eq(copy.list[2], "c");
    tool_words_fini(&copy);
}

Test(words, one_at_a_time_tells_which_quote_is_open)
{
    takes("one two", true, "one", '\0');
    takes("'one two", true, "one two", '\'');
    takes("\"one", true, "one", '"');
    takes("", true, "", '\0');
    takes("$'one", true, "one", '\'');
    takes("$'", true, "", '\'');
}

Test(words, have_escapes_only_where_they_are_asked_for)
{
    takes("$'a\\033[b\\'c\\\\'d", true, "a\033[b'c\\d", '\0');
    takes("$'a\\000b'", true, "ab", '\0');
    takes("$'a'", false, "$a", '\0');
}

Test(words, read_whatever_is_quoted)
{
    static const char *const all[] = {"",     "a b", "it's",         "\"",   "\x1b[2J",
                                      "a\\b", "$x",  "\xc3\xa4\x07", "'\n\\"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *quoted = tool_quote(all[i]);
        takes(quoted, true, all[i], '\0');
        free(quoted);
    }
}
