/* SPDX-License-Identifier: MIT
 * What the program hands over becomes one line of JSON that everybody reads. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "base/error.h"
#include "service/payload.h"

static void expect_line(const ab_payload *payload, const char *line)
{
    ab_text *kept = ab_payload_keep(payload);

    cr_expect_str_eq(kept->bytes, line);
    ab_text_unref(kept);
}

static void expect_text(const char *text, const char *line)
{
    ab_payload payload;

    cr_assert_eq(ab_payload_of_text(text, "a value", 1000, &payload), AUTOBUS_OK, "%s: %s", text,
                 autobus_last_error());
    expect_line(&payload, line);
    ab_payload_fini(&payload);
}

Test(payload, of_text_is_one_line)
{
    expect_text("{\n \"a\" :\t[ 1 ,\r\n 2.50 ]\n}\n", "{\"a\":[1,2.50]}");
    expect_text(" \"a b\\n\\\"c \"", "\"a b\\n\\\"c \"");
    expect_text("null", "null");
    expect_text("123456789012345678901234567890", "123456789012345678901234567890");
}

static void expect_place(const char *text, bool is_its_own)
{
    ab_payload payload;

    cr_assert_eq(ab_payload_of_text(text, "a value", 1000, &payload), AUTOBUS_OK);
    const char *end = text + strlen(text);
    cr_expect_eq(payload.text.bytes >= text && payload.text.bytes < end, is_its_own, "%s", text);
    ab_payload_fini(&payload);
}

Test(payload, of_text_that_is_one_line_is_not_copied)
{
    expect_place("[1,\"a b\",{\"c\":null}]", true);
    expect_place(" [1]\n", true);
    expect_place("[1, 2]", false);
    expect_place("[NaN]", false);
    expect_place("-Infinity", false);
}

Test(payload, of_text_may_have_single_quotes)
{
    expect_text("{'type': 'lamp'}", "{\"type\":\"lamp\"}");
}

Test(payload, has_no_numbers_that_are_none)
{
    ab_payload payload;

    expect_text("[NaN, Infinity, -Infinity, \"NaN\", -1]", "[null,null,null,\"NaN\",-1]");
    cr_assert_eq(ab_payload_of_tree(json_object_new_double(INFINITY), "a value", 100, &payload),
                 AUTOBUS_OK);
    expect_line(&payload, "null");
    ab_payload_fini(&payload);
}

Test(payload, of_a_null_tree_is_null)
{
    ab_payload payload;

    cr_assert_eq(ab_payload_of_tree(NULL, "a value", 100, &payload), AUTOBUS_OK);
    expect_line(&payload, "null");
    ab_payload_fini(&payload);
}

Test(payload, that_is_no_json_is_refused)
{
    ab_payload payload;

    cr_expect_eq(ab_payload_of_text("{", "a value", 100, &payload), AUTOBUS_INVALID);
    cr_expect_null(payload.text.bytes);
    cr_expect_eq(ab_payload_of_text("1 2", "a value", 100, &payload), AUTOBUS_INVALID);
    cr_expect_eq(ab_payload_of_text("\"\xff\"", "a value", 100, &payload), AUTOBUS_INVALID);
    cr_expect_eq(ab_payload_of_text("", "a value", 100, &payload), AUTOBUS_INVALID);
}

Test(payload, has_bounds_that_are_said)
{
    ab_payload payload;
    char deep[129] = "";

    cr_expect_eq(ab_payload_of_text("\"12345678\"", "an answer", 9, &payload), AUTOBUS_TOO_LARGE);
    cr_expect_str_eq(autobus_last_error(), "an answer of 10 bytes is over the limit of 9");
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    cr_expect_eq(ab_payload_of_text(deep, "a value", 1000, &payload), AUTOBUS_TOO_LARGE);
    cr_expect_not_null(strstr(autobus_last_error(), "63 deep"));
    json_object *tree = json_tokener_parse("[]");
    for (int i = 0; i < 63; i++) {
        json_object *outer = json_object_new_array();
        json_object_array_add(outer, tree);
        tree = outer;
    }
    cr_expect_eq(ab_payload_of_tree(tree, "a value", 1000, &payload), AUTOBUS_TOO_LARGE);
    cr_expect_null(payload.text.bytes);
}
