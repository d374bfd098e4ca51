/* SPDX-License-Identifier: MIT
 * Slips of the finger, and what is none. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "tool/nearest.h"

static const char *const names[] = {"demo.lamp", "thermostat", "set",       "set_level",
                                    "get",       "on",         "demo.lamp", "Door-Bell"};

static void suggests(const char *word, const char *wanted)
{
    char *near = tool_nearest(word, names, sizeof names / sizeof *names);
    if (wanted == NULL) {
        cr_assert_null(near, "%s suggests %s", word, near);
    } else {
        cr_assert_not_null(near, "%s suggests nothing", word);
        cr_assert_str_eq(near, wanted);
    }
    free(near);
}

Test(nearest, is_a_letter_away)
{
    suggests("demo.lmp", "'demo.lamp'");
    suggests("demo.lampp", "'demo.lamp'");
    suggests("dmeo.lamp", "'demo.lamp'");
    suggests("thermostart", "'thermostat'");
    suggests("sett", "'set'");
    suggests("gset", "'set' or 'get'");
}

Test(nearest, is_a_part_or_has_one)
{
    suggests("lamp", "'demo.lamp'");
    suggests("level", "'set_level'");
    suggests("thermostats.attic", "'thermostat'");
}

Test(nearest, minds_no_capitals)
{
    suggests("door-bell", "'Door-Bell'");
}

Test(nearest, is_nothing_that_only_is_short)
{
    suggests("of", "'on'");
    suggests("x", NULL);
    suggests("fridge", NULL);
    suggests("", NULL);
}

Test(nearest, takes_names_of_any_length)
{
    char longest[500];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    suggests(longest, NULL);
    const char *one = longest;
    cr_assert_null(tool_nearest("aaaa", &one, 1));
    cr_assert_null(tool_nearest("a", NULL, 0));
}
