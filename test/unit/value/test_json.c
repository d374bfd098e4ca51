/* SPDX-License-Identifier: MIT
 * json-c within bounds: parsing, printing, copying. */
#include "value/json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/error.h"
#include "value/scan.h"

static json_object *parse(const char *text, bool lenient)
{
    json_object *tree;
    cr_assert(ab_json_parse(ab_slice_of(text), lenient, &tree), "%s: %s", text,
              autobus_last_error());
    return tree;
}

static bool is_refused(const char *text, bool lenient)
{
    json_object *tree = NULL;
    bool is_parsed = ab_json_parse(ab_slice_of(text), lenient, &tree);
    json_object_put(tree);
    return !is_parsed;
}

/* The tree as it is printed; takes the tree. */
static const char *print(json_object *tree)
{
    static char text[512];
    ab_buffer out;
    ab_buffer_init(&out);
    ab_json_print(&out, tree);
    memcpy(text, ab_buffer_bytes(&out), ab_buffer_length(&out));
    text[ab_buffer_length(&out)] = '\0';
    ab_buffer_fini(&out);
    json_object_put(tree);
    return text;
}

Test(json, is_parsed_and_printed_in_one_line_without_spaces)
{
    static const char *const texts[][2] = {
        {"null", "null"},
        {" true ", "true"},
        {"false", "false"},
        {"42", "42"},
        {"-7", "-7"},
        {"18446744073709551615", "18446744073709551615"},
        {"9223372036854775807", "9223372036854775807"},
        {"1.0", "1.0"},
        {"0.1", "0.1"},
        {"1e3", "1000.0"},
        {"\"a\"", "\"a\""},
        {"[ 1, [ ], { } ]", "[1,[],{}]"},
        {"{ \"a\" : 1 , \"b\" : [ null ] }", "{\"a\":1,\"b\":[null]}"},
        {"NaN", "null"},
        {"[Infinity, -Infinity, 1e400]", "[null,null,null]"},
    };
    for (size_t i = 0; i < AB_COUNT(texts); i++)
        cr_expect_str_eq(print(parse(texts[i][0], false)), texts[i][1]);
}

Test(json, is_printed_in_ascii)
{
    cr_expect_str_eq(print(parse("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", false)),
                     "\"\\u00e4\\u20ac\\ud83d\\ude00\"");
    cr_expect_str_eq(print(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\\u0000\"", false)),
                     "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\\u0000\"");
    cr_expect_str_eq(print(parse("{\"\xc3\xa4\":1}", false)), "{\"\\u00e4\":1}");
    cr_expect_str_eq(print(json_object_new_string("\xff"
                                                  "a\xc3")),
                     "\"\\ufffda\\ufffd\"");
}

Test(json, strings_of_any_bytes_are_printed)
{
    ab_buffer out;
    ab_buffer_init(&out);
    ab_json_print_string(&out, AB_SLICE("a\0\x80z"));
    ab_json_print_string(&out, (ab_slice){NULL, 0});
    cr_assert_eq(ab_buffer_length(&out), strlen("\"a\\u0000\\ufffdz\"\"\""));
    cr_assert_arr_eq(ab_buffer_bytes(&out), "\"a\\u0000\\ufffdz\"\"\"", ab_buffer_length(&out));
    ab_buffer_fini(&out);
}

Test(json, null_is_parsed_and_still_no_tree)
{
    json_object *tree = (json_object *)&tree;
    cr_assert(ab_json_parse(AB_SLICE("null"), false, &tree));
    cr_assert_null(tree);
}

Test(json, of_an_author_may_have_single_quotes)
{
    cr_expect_str_eq(print(parse("{'type': 'lamp', \"on\": true}", true)),
                     "{\"type\":\"lamp\",\"on\":true}");
    cr_expect_str_eq(print(parse(" {'a': 1} \n", true)), "{\"a\":1}");
    cr_expect(is_refused("{'type': 'lamp'}", false));
}

Test(json, that_is_malformed_is_refused_either_way)
{
    static const char *const wrong[] = {"",      " ",          "{",         "[1",   "'a",
                                        "{'a'}", "{'a': 1} x", "{'a': 1}}", "nope", "1 2"};
    for (size_t i = 0; i < AB_COUNT(wrong); i++) {
        cr_expect(is_refused(wrong[i], false), "%s", wrong[i]);
        cr_expect(is_refused(wrong[i], true), "%s", wrong[i]);
    }
    cr_expect(is_refused("'\xff'", true));
    cr_expect(is_refused("[1,]", false));
}

Test(json, that_is_malformed_is_shown_in_the_sentence)
{
    cr_assert(is_refused("{\"a\": lamp}\n", false));
    cr_assert_not_null(strstr(autobus_last_error(), "{\\\"a\\\": lamp}\\n"));
    char wide[300];
    memset(wide, 'w', sizeof wide);
    cr_assert_not(ab_json_parse((ab_slice){wide, sizeof wide}, false, &(json_object *){NULL}));
    cr_assert_not_null(strstr(autobus_last_error(), "www\"..."));
}

Test(json, has_a_bound_on_its_size)
{
    static char text[16 * 1024 * 1024 + 1];
    json_object *tree;
    memset(text, ' ', sizeof text);
    text[0] = '1';
    cr_assert_not(ab_json_parse((ab_slice){text, sizeof text}, true, &tree));
    cr_assert_not_null(strstr(autobus_last_error(), "16777217"));
    cr_assert(ab_json_parse((ab_slice){text, sizeof text - 1}, false, &tree));
    json_object_put(tree);
}

static const char *nested(unsigned depth, const char *open, const char *core, const char *close)
{
    static char text[512];
    text[0] = '\0';
    for (unsigned i = 0; i < depth; i++)
        strcat(text, open);
    strcat(text, core);
    for (unsigned i = 0; i < depth; i++)
        strcat(text, close);
    return text;
}

Test(json, has_a_bound_on_its_depth)
{
    json_object_put(parse(nested(AB_SCAN_DEPTH, "[", "'x'", "]"), true));
    json_object_put(parse(nested(AB_SCAN_DEPTH, "{'':", "'x'", "}"), true));
    json_object_put(parse(nested(AB_SCAN_DEPTH - 1, "['',", "{}", "]"), true));
    cr_assert(is_refused(nested(AB_SCAN_DEPTH + 1, "[", "'x'", "]"), true));
    cr_assert(is_refused(nested(AB_SCAN_DEPTH + 1, "{'':", "'x'", "}"), true));
    cr_assert(is_refused(nested(AB_SCAN_DEPTH, "['',", "{}", "]"), true));
    cr_assert(is_refused(nested(AB_SCAN_DEPTH, "{'':", "[]", "}"), true));
}

Test(json, need_not_be_terminated)
{
    json_object *tree;
    cr_assert(ab_json_parse((ab_slice){"1234", 2}, false, &tree));
    cr_assert_str_eq(print(tree), "12");
    cr_assert(ab_json_parse((ab_slice){"'ab'c", 4}, true, &tree));
    cr_assert_str_eq(print(tree), "\"ab\"");
}

Test(json, numbers_made_by_a_program_are_printed)
{
    cr_expect_str_eq(print(json_object_new_double(21.5)), "21.5");
    cr_expect_str_eq(print(json_object_new_double((double)NAN)), "null");
    cr_expect_str_eq(print(json_object_new_double((double)INFINITY)), "null");
    cr_expect_str_eq(print(json_object_new_int64(INT64_MIN)), "-9223372036854775808");
    cr_expect_str_eq(print(json_object_new_uint64(UINT64_MAX)), "18446744073709551615");
}
