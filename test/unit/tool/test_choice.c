/* SPDX-License-Identifier: MIT
 * What people type to choose services. Whether a filter matches is the library's to test; here it is which
 * conditions are made, and when the library's own services stay out. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tool/choice.h"

static tool_choice choice;

static void stop(void)
{
    tool_choice_fini(&choice);
}

TestSuite(choice, .fini = stop);

static void makes(autobus_result wanted)
{
    autobus_filter *filter = NULL;
    cr_assert_eq(tool_choice_filter(&choice, &filter), wanted);
    cr_assert_eq(filter != NULL, wanted == AUTOBUS_OK);
    autobus_filter_free(&filter);
}

static void reads(const char *wanted)
{
    char *words = tool_choice_words(&choice);
    cr_assert_str_eq(words, wanted);
    free(words);
}

Test(choice, of_nothing_in_particular_is_open)
{
    cr_assert(tool_choice_is_open(&choice));
    reads("service");
    makes(AUTOBUS_OK);
}

Test(choice, takes_a_type_and_conditions)
{
    choice.type = "lamp*";
    tool_choice_add(&choice, "room=kitchen");
    tool_choice_add(&choice, "!broken");
    tool_choice_add(&choice, "level!=0");
    tool_choice_add(&choice, "name");
    cr_assert_not(tool_choice_is_open(&choice));
    reads("'lamp*' with room=kitchen and !broken and level!=0 and name");
    makes(AUTOBUS_OK);
}

Test(choice, fails_with_a_condition_that_is_none)
{
    tool_choice_add(&choice, "=5");
    makes(AUTOBUS_INVALID);
    cr_assert_str_not_empty(autobus_last_error());
}

Test(choice, hides_the_librarys_own_services)
{
    cr_assert(tool_choice_hides_library(&choice));
    choice.type = "*";
    cr_assert(tool_choice_hides_library(&choice));
    choice.type = "autobuses";
    tool_choice_add(&choice, "pid=5");
    cr_assert(tool_choice_hides_library(&choice));
}

Test(choice, shows_them_to_whoever_names_them)
{
    static const char *const names[] = {"autobus.details", "autobus.*", "autobus*",
                                        "autobus?details"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        choice.type = names[i];
        cr_assert_not(tool_choice_hides_library(&choice), "%s", names[i]);
    }
}

Test(choice, shows_them_to_whoever_asks_for_all_or_by_a_condition)
{
    choice.with_library = true;
    cr_assert_not(tool_choice_hides_library(&choice));
    choice.with_library = false;
    tool_choice_add(&choice, "type=autobus.details");
    cr_assert_not(tool_choice_hides_library(&choice));
}

static void types(const char *wanted)
{
    char *typed = tool_choice_typed(&choice);
    cr_assert_str_eq(typed, wanted);
    free(typed);
}

Test(choice, of_an_id_is_that_service_whatever_it_is)
{
    choice.id = "lamp-1";
    cr_assert_not(tool_choice_is_open(&choice));
    cr_assert_not(tool_choice_hides_library(&choice));
    reads("service 'lamp-1'");
    types("-s lamp-1");
    makes(AUTOBUS_OK);
}

Test(choice, can_be_typed_again)
{
    types("'*'");
    choice.type = "lamp*";
    tool_choice_add(&choice, "name=Desk lamp");
    choice.with_library = true;
    types("'lamp*' -k 'name=Desk lamp' -a");
}
