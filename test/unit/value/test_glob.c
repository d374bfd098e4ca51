/* SPDX-License-Identifier: MIT
 * Shell patterns. */
#include "value/glob.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/compiler.h"

static bool matches(const char *pattern, const char *text)
{
    return ab_glob_matches(ab_slice_of(pattern), ab_slice_of(text));
}

Test(glob, matches_what_a_shell_would)
{
    static const char *const right[][2] = {
        {"", ""},
        {"*", ""},
        {"**", ""},
        {"*", "anything"},
        {"lamp", "lamp"},
        {"l*p", "lamp"},
        {"l*p", "lp"},
        {"*amp", "lamp"},
        {"lam*", "lamp"},
        {"l?mp", "lamp"},
        {"????", "lamp"},
        {"*a*", "lamp"},
        {"*a*a*", "banana"},
        {"a*b*c", "aXbYbZc"},
        {"[lk]amp", "lamp"},
        {"[a-z]amp", "lamp"},
        {"[!a-k]amp", "lamp"},
        {"[^a-k]amp", "lamp"},
        {"[]]", "]"},
        {"[!]]", "a"},
        {"[a-]", "-"},
        {"[-a]", "-"},
        {"[", "["},
        {"[a", "[a"},
        {"a[", "a["},
        {"\\*", "*"},
        {"\\[a]", "[a]"},
        {"[\\]]", "]"},
        {"*/*", "a/b"},
        {"*", ".hidden"},
        {"a\\", "a\\"},
        {"eth*", "eth0"},
        {"[0-9][0-9]", "42"},
    };
    static const char *const wrong[][2] = {
        {"", "a"},           {"a", ""},
        {"?", ""},           {"lamp", "lamps"},
        {"lamps", "lamp"},   {"l*p", "lamps"},
        {"?amp", "amp"},     {"[lk]amp", "damp"},
        {"[!l]amp", "lamp"}, {"[a-k]amp", "lamp"},
        {"\\*", "a"},        {"*b", "a"},
        {"[]", ""},          {"[a]", "[a]"},
        {"a*b*c", "acb"},    {"LAMP", "lamp"},
    };
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect(matches(right[i][0], right[i][1]), "%s matches %s", right[i][0], right[i][1]);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_not(matches(wrong[i][0], wrong[i][1]), "%s does not match %s", wrong[i][0],
                      wrong[i][1]);
}

Test(glob, counts_characters_and_not_bytes)
{
    cr_expect(matches("?", "\xc3\xa4"));
    cr_expect(matches("[\xc3\xa0-\xc3\xbf]", "\xc3\xa4"));
    cr_expect_not(matches("[\xc3\xa0-\xc3\xa2]", "\xc3\xa4"));
    cr_expect(matches("*\x80", "\xc3\x80\x80"));
    cr_expect_not(matches("*\x80", "\xc3\x80"));
    cr_expect(matches("\xff", "\xff"));
    cr_expect_not(matches("\xff", "\xfe"));
}

Test(glob, is_never_slow)
{
    char text[4000], pattern[200];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[sizeof pattern - 1] = 'b';
    cr_assert_not(
        ab_glob_matches((ab_slice){pattern, sizeof pattern}, (ab_slice){text, sizeof text}));
}

Test(glob, knows_a_pattern_when_it_sees_one)
{
    cr_assert(ab_glob_is_pattern(AB_SLICE("a*")));
    cr_assert(ab_glob_is_pattern(AB_SLICE("a?b")));
    cr_assert(ab_glob_is_pattern(AB_SLICE("[a]")));
    cr_assert_not(ab_glob_is_pattern(AB_SLICE("a.b]-\\")));
    cr_assert_not(ab_glob_is_pattern(AB_SLICE("")));
}
