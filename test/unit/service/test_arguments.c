/* SPDX-License-Identifier: MIT
 * Arguments held to descriptions: what fits, what is filled in, and the sentence for what does not. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/compiler.h"
#include "base/error.h"
#include "service/arguments.h"

#define LEVEL "{'name': 'level', 'type': 'integer', 'range': [0, 100], 'unit': '%', 'default': 100}"

/* What comes of a call; a sentence where it is refused. */
static const char *fit(const char *description, const char *list)
{
    static char result[2048];
    ab_description *read = ab_description_parse(AB_OF_FUNCTION, "dim", description);
    ab_value value;
    ab_slice fitting;
    ab_buffer room;

    cr_assert_not_null(read, "%s", autobus_last_error());
    cr_assert(ab_scan(ab_slice_of(list), &value), "%s", list);
    ab_buffer_init(&room);
    if (ab_arguments_fit(read, "dim", value, &room, &fitting) == AUTOBUS_OK)
        snprintf(result, sizeof result, "%.*s", (int)fitting.length, fitting.bytes);
    else
        strcpy(result, autobus_last_error());
    ab_buffer_fini(&room);
    ab_description_free(read);
    return result;
}

Test(arguments, are_free_where_nothing_is_said)
{
    cr_expect_str_eq(fit(NULL, "[1, \"a\" ,null]"), "[1, \"a\" ,null]");
    cr_expect_str_eq(fit("{'doc': 'x', 'required': 0}", "[]"), "[]");
    cr_expect_str_eq(fit("{'rest': 'integer'}", "[\"a\"]"), "[\"a\"]");
}

Test(arguments, are_counted)
{
    cr_expect_str_eq(fit("{'parameters': []}", "[1]"), "dim takes no arguments, not 1");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}]}", "[]"),
                     "dim takes 1 argument (a), not 0");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}, " LEVEL "]}", "[1,2,3]"),
                     "dim takes 1 to 2 arguments (a, level), not 3");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}, {'name': 'b'}], 'rest': 'any'}", "[1]"),
                     "dim takes at least 2 arguments (a, b), not 1");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}], 'rest': 'any'}", "[1,[2],{}]"),
                     "[1,[2],{}]");
}

Test(arguments, that_are_missing_get_their_defaults)
{
    cr_expect_str_eq(fit("{'parameters': [" LEVEL "]}", "[]"), "[100]");
    cr_expect_str_eq(fit("{'parameters': [" LEVEL "]}", "[ 5 ]"), "[ 5 ]");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}, " LEVEL "]}", "[{}]"), "[{},100]");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a'}, " LEVEL "], 'required': 0}", "[]"),
                     "[null,100]", "null stands where nothing is");
    cr_expect_str_eq(fit("{'parameters': [" LEVEL ", {'name': 'a'}], 'required': 0}", "[]"),
                     "[100]");
    cr_expect_str_eq(fit("{'parameters': [{'name': 'a', 'default': null}]}", "[]"), "[null]");
}

Test(arguments, of_a_wrong_type_are_refused_with_everything_that_helps)
{
    const char *one = "{'parameters': [" LEVEL "]}";

    cr_expect_str_eq(
        fit(one, "[\"high\"]"),
        "dim: \"level\" cannot be \"high\"; an integer from 0 to 100 (%) would be right");
    cr_expect_str_eq(fit(one, "[101]"),
                     "dim: \"level\" cannot be 101; an integer from 0 to 100 (%) would be right");
    cr_expect_str_eq(fit(one, "[null]"),
                     "dim: \"level\" cannot be null; an integer from 0 to 100 (%) would be right");
    cr_expect_str_eq(fit("{'parameters': [], 'rest': 'boolean'}", "[true, 0]"),
                     "dim: argument 2 cannot be 0; a boolean would be right");
    cr_expect_str_eq(
        fit("{'parameters': [{'name': 'a', 'type': 'number', 'range': [0.5, null]}]}", "[0.25]"),
        "dim: \"a\" cannot be 0.25; a number of at least 0.5 would be right");
    cr_expect_str_eq(
        fit("{'parameters': [{'name': 'a', 'type': 'number', 'range': [null, 7]}]}", "[8]"),
        "dim: \"a\" cannot be 8; a number of at most 7 would be right");
}

Test(arguments, are_shown_no_longer_than_helps_and_never_cut_within_a_character)
{
    const char *sentence = fit("{'parameters': [{'name': 'a', 'type': 'null'}]}",
                               "[\"xäääääääääääääääääääääääääääääääääääääääääääää\"]");

    cr_expect_not_null(strstr(sentence, "ä...; null would be right"), "%s", sentence);
}

Test(arguments, fit_their_types_by_this_table)
{
    static const struct {
        const char *value, *types;
    } table[] = {
        {"null", "null any"},
        {"true", "boolean any"},
        {"false", "boolean any"},
        {"0", "number integer any"},
        {"-7", "number integer any"},
        {"1.0", "number integer any"},
        {"1e3", "number integer any"},
        {"9223372036854775807", "number integer any"},
        {"9223372036854775808", "number any"},
        {"123456789012345678901234567890", "number any"},
        {"0.5", "number any"},
        {"NaN", "any"},
        {"-Infinity", "any"},
        {"\"\"", "string any"},
        {"\"7\"", "string any"},
        {"[]", "list any"},
        {"{}", "map any"},
    };
    static const char *const types[] = {"null",   "boolean", "number", "integer",
                                        "string", "list",    "map",    "any"};
    char description[100], list[100];

    for (size_t i = 0; i < AB_COUNT(table); i++) {
        for (size_t j = 0; j < AB_COUNT(types); j++) {
            snprintf(description, sizeof description,
                     "{'parameters': [{'name': 'a', 'type': '%s'}]}", types[j]);
            snprintf(list, sizeof list, "[%s]", table[i].value);
            bool fits = strcmp(fit(description, list), list) == 0;
            cr_expect_eq(fits, strstr(table[i].types, types[j]) != NULL, "%s as %s", table[i].value,
                         types[j]);
        }
    }
}

Test(arguments, are_compared_by_value_whatever_the_spelling)
{
    const char *one = "{'parameters': [{'name': 'a', 'type': 'number', 'range': [0, 1.5]}]}";

    cr_expect_str_eq(fit(one, "[15e-1]"), "[15e-1]");
    cr_expect_str_eq(fit(one, "[-0.0]"), "[-0.0]");
    cr_expect_not_null(strstr(fit(one, "[1.6]"), "from 0 to 1.5"));
    cr_expect_not_null(strstr(fit(one, "[1e400]"), "cannot be"));
    if (setlocale(LC_ALL, "de_DE.UTF-8") != NULL) {
        cr_expect_str_eq(fit(one, "[1.5]"), "[1.5]");
        cr_expect_not_null(strstr(fit(one, "[1.6]"), "from 0 to 1.5"));
        setlocale(LC_ALL, "C");
    }
}
