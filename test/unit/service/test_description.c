/* SPDX-License-Identifier: MIT
 * Descriptions: what is kept of them, and which mistakes are said. */
#include <string.h>

#include <criterion/criterion.h>

#include "base/error.h"
#include "service/description.h"

static void expect_text(ab_described of, const char *said, const char *kept)
{
    ab_description *read = ab_description_parse(of, "it", said);

    cr_assert_not_null(read, "%s: %s", said, autobus_last_error());
    cr_expect_str_eq(read->text->bytes, kept);
    ab_description_free(read);
}

static void expect_refusal(ab_described of, const char *said, const char *part)
{
    cr_expect_null(ab_description_parse(of, "it", said), "%s", said);
    cr_expect_not_null(strstr(autobus_last_error(), part), "%s: \"%s\" does not say \"%s\"", said,
                       autobus_last_error(), part);
}

Test(description, may_say_nothing)
{
    expect_text(AB_OF_FUNCTION, NULL, "{}");
    expect_text(AB_OF_EVENT, "{}", "{}");
    expect_text(AB_OF_STREAM, NULL, "{\"stream\":true}");
}

Test(description, keeps_what_it_does_not_know)
{
    expect_text(AB_OF_FUNCTION, "{'doc': 'Rings.', 'icon': [1, null]}",
                "{\"doc\":\"Rings.\",\"icon\":[1,null]}");
    expect_text(AB_OF_FUNCTION, "{'type': 17}", "{\"type\":17}");
    expect_text(AB_OF_OBJECT, "{'parameters': 17}", "{\"parameters\":17}");
    expect_text(AB_OF_EVENT, "{'doc': null}", "{\"doc\":null}");
}

Test(description, must_be_a_map)
{
    expect_refusal(AB_OF_FUNCTION, "[]", "function \"it\"");
    expect_refusal(AB_OF_FUNCTION, "null", "a map");
    expect_refusal(AB_OF_FUNCTION, "{'doc': ", "JSON");
    expect_refusal(AB_OF_FUNCTION, "", "JSON");
}

Test(description, refuses_wrong_shapes_and_says_where_and_what_is_right)
{
    expect_refusal(AB_OF_EVENT, "{'doc': 3}", "event \"it\": 'doc' cannot be 3; a string");
    expect_refusal(AB_OF_OBJECT, "{'type': 'int'}",
                   "'type' cannot be \"int\"; a type is one of null, boolean, number, integer");
    expect_refusal(AB_OF_OBJECT, "{'type': null}", "'type' cannot be null");
    expect_refusal(AB_OF_OBJECT, "{'unit': 5}", "'unit'");
    expect_refusal(AB_OF_OBJECT, "{'range': [0, 1]}", "needs 'type'");
    expect_refusal(AB_OF_OBJECT, "{'type': 'string', 'range': [0, 1]}", "needs 'type'");
    expect_refusal(AB_OF_OBJECT, "{'type': 'number', 'range': [1, 0]}", "the lower first");
    expect_refusal(AB_OF_OBJECT, "{'type': 'number', 'range': [1]}", "two numbers");
    expect_refusal(AB_OF_OBJECT, "{'type': 'number', 'range': ['a', 2]}", "two numbers");
    expect_refusal(AB_OF_FUNCTION, "{'parameters': {}}", "a list of maps");
    expect_refusal(AB_OF_FUNCTION, "{'parameters': ['level']}", "each is a map");
    expect_refusal(AB_OF_FUNCTION, "{'parameters': [{'type': 'any'}]}", "each needs a 'name'");
    expect_refusal(AB_OF_CHANNEL, "{'parameters': [{'name': 5}]}", "'name' cannot be 5");
    expect_refusal(AB_OF_FUNCTION, "{'parameters': [{'name': 'a', 'type': 'x'}]}",
                   "parameter \"a\": 'type'");
    expect_refusal(AB_OF_FUNCTION,
                   "{'parameters': [{'name': 'a', 'type': 'string', 'default': 5}]}",
                   "'default' cannot be 5; a string would be right");
    expect_refusal(
        AB_OF_FUNCTION,
        "{'parameters': [{'name': 'a', 'type': 'integer', 'range': [0, 4], 'default': 5}]}",
        "an integer from 0 to 4 would be right");
    expect_refusal(AB_OF_FUNCTION, "{'required': 1}", "'required' cannot be 1");
    expect_refusal(AB_OF_FUNCTION, "{'required': -1}", "'required'");
    expect_refusal(AB_OF_FUNCTION, "{'required': 'all'}", "'required'");
    expect_refusal(AB_OF_FUNCTION, "{'rest': 'some'}", "'rest'");
    expect_refusal(AB_OF_FUNCTION, "{'returns': ['any']}", "'returns'");
}

Test(description, wants_to_know_how_many_are_required_where_that_is_unclear)
{
    expect_refusal(AB_OF_FUNCTION, "{'parameters': [{'name': 'a', 'default': 1}, {'name': 'b'}]}",
                   "\"b\" has no 'default'");
    expect_text(
        AB_OF_FUNCTION, "{'parameters':[{'name':'a','default':1},{'name':'b'}],'required':0}",
        "{\"parameters\":[{\"name\":\"a\",\"default\":1},{\"name\":\"b\"}],\"required\":0}");
}

Test(description, has_bounds)
{
    char deep[200] = "{'a':", *at = deep + 5;
    static char large[70000];

    for (int i = 0; i < 40; i++)
        *at++ = '[';
    for (int i = 0; i < 40; i++)
        *at++ = ']';
    strcpy(at, "}");
    expect_refusal(AB_OF_EVENT, deep, "32 deep");
    memset(large, ' ', sizeof large - 1);
    expect_refusal(AB_OF_EVENT, large, "65536");
}
