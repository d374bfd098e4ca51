/* SPDX-License-Identifier: MIT
 * What a written string reads as, and what a written number is worth. */
#include "value/string.h"

#include <criterion/criterion.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "value/number.h"
#include "value/scan.h"

static ab_value value_of(const char *text)
{
    ab_value value;
    cr_assert(ab_scan(ab_slice_of(text), &value), "%s is JSON", text);
    return value;
}

static const struct {
    const char *written, *read;
} strings[] = {
    {"\"\"", ""},
    {"\"lamp\"", "lamp"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    {"\"a\\u0062c\"", "abc"},
    {"\"\\u00e4\\u20AC\"", "\xc3\xa4\xe2\x82\xac"},
    {"\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!"},
    {"\"\\ud83d\"", "\xef\xbf\xbd"},
    {"\"\\ud83dx\"", "\xef\xbf\xbdx"},
    {"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
    {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                           "A"},
    {"\"\xc3\xa4\"", "\xc3\xa4"},
};

Test(string, reads_with_its_escapes_undone)
{
    for (size_t i = 0; i < AB_COUNT(strings); i++) {
        char out[64];
        size_t length = ab_scan_string(value_of(strings[i].written), out);
        cr_expect_eq(length, strlen(strings[i].read), "%s", strings[i].written);
        cr_expect_eq(memcmp(out, strings[i].read, length), 0, "%s", strings[i].written);
    }
}

Test(string, is_compared_without_being_written_down)
{
    for (size_t i = 0; i < AB_COUNT(strings); i++)
        for (size_t j = 0; j < AB_COUNT(strings); j++) {
            bool same = strcmp(strings[i].read, strings[j].read) == 0;
            ab_slice read = ab_slice_of(strings[j].read);
            ab_value one = value_of(strings[i].written), other = value_of(strings[j].written);
            cr_expect_eq(ab_scan_is(one, read), same, "%zu %zu", i, j);
            cr_expect_eq(ab_value_equal(one, other), same, "%zu %zu", i, j);
        }
}

Test(string, may_hold_a_zero)
{
    char out[16];
    ab_value value = value_of("\"a\\u0000b\"");
    cr_assert_eq(ab_scan_string(value, out), 3);
    cr_assert_arr_eq(out, "a\0b", 3);
    cr_assert(ab_scan_is(value, AB_SLICE("a\0b")));
    cr_assert_not(ab_scan_is(value, AB_SLICE("a")));
}

Test(string, knows_how_it_begins)
{
    ab_value value = value_of("\"auto\\u0062us.details\"");
    cr_assert(ab_scan_begins(value, AB_SLICE("autobus.")));
    cr_assert(ab_scan_begins(value, AB_SLICE("")));
    cr_assert(ab_scan_begins(value, AB_SLICE("autobus.details")));
    cr_assert_not(ab_scan_begins(value, AB_SLICE("autobus.details.")));
    cr_assert_not(ab_scan_begins(value, AB_SLICE("autobahn")));
}

Test(string, is_nothing_where_there_is_none)
{
    char out[8];
    cr_assert_eq(ab_scan_string(value_of("12"), out), 0);
    cr_assert_not(ab_scan_is(value_of("12"), AB_SLICE("12")));
    cr_assert_not(ab_scan_begins(value_of("[\"a\"]"), AB_SLICE("")));
}

Test(integer, is_any_number_without_a_fraction)
{
    static const struct {
        const char *text;
        int64_t number;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"0.0", 0},
        {"0e99", 0},
        {"1", 1},
        {"-1", -1},
        {"1.0", 1},
        {"1e3", 1000},
        {"1.5e1", 15},
        {"10e-1", 1},
        {"0.001e3", 1},
        {"1E+2", 100},
        {"1200e-2", 12},
        {"-25e-0", -25},
        {"1.00000000000000000000000000000000", 1},
        {"10000000000000000000000e-22", 1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036854775.807e3", INT64_MAX},
    };
    for (size_t i = 0; i < AB_COUNT(cases); i++) {
        int64_t number = 4711;
        cr_expect(ab_scan_integer(value_of(cases[i].text), &number), "%s", cases[i].text);
        cr_expect_eq(number, cases[i].number, "%s", cases[i].text);
    }
}

Test(integer, is_not_what_does_not_fit)
{
    static const char *const wrong[] = {"9223372036854775808",
                                        "-9223372036854775809",
                                        "1e19",
                                        "1e400",
                                        "99999999999999999999",
                                        "1.5",
                                        "1e-1",
                                        "0.1",
                                        "1e-999999999999",
                                        "1e999999999999",
                                        "NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "\"1\"",
                                        "true",
                                        "null",
                                        "[1]"};
    for (size_t i = 0; i < AB_COUNT(wrong); i++) {
        int64_t number = 4711;
        cr_expect_not(ab_scan_integer(value_of(wrong[i]), &number), "%s", wrong[i]);
        cr_expect_eq(number, 4711);
    }
}

static bool is_same(const char *a, const char *b)
{
    bool same = ab_number_same(ab_slice_of(a), ab_slice_of(b));
    cr_expect_eq(ab_number_same(ab_slice_of(b), ab_slice_of(a)), same, "%s and %s both ways", a, b);
    return same;
}

Test(number, is_compared_by_value)
{
    static const char *const same[][2] = {
        {"1", "1.0"},
        {"1", "10e-1"},
        {"100", "1e2"},
        {"0", "-0.0"},
        {"0.1", "0.10"},
        {"0.1", "1e-1"},
        {"0.1", "0.1000000000000000055511151231257827"},
        {"0.1", "0.10000000000000001"},
        {"123456789012345678901234567890", "123456789012345678901234567890.0"},
        {"12345678901234567890e10", "123456789012345678900000000000"},
        {"NaN", "NaN"},
        {"Infinity", "1e400"},
        {"-Infinity", "-1e400"},
        {"-1.50", "-15e-1"},
    };
    static const char *const differ[][2] = {
        {"1", "2"},
        {"1", "-1"},
        {"1", "10"},
        {"1", "1.5"},
        {"0", "1"},
        {"0.1", "0.2"},
        {"1", "1e1"},
        {"9223372036854775807", "9223372036854775808"},
        {"9007199254740992", "9007199254740993"},
        {"123456789012345678901234567890", "123456789012345678901234567891"},
        {"NaN", "0"},
        {"Infinity", "-Infinity"},
        {"12", "1.2"},
        {"101", "1001"},
    };
    for (size_t i = 0; i < AB_COUNT(same); i++)
        cr_expect(is_same(same[i][0], same[i][1]), "%s is %s", same[i][0], same[i][1]);
    for (size_t i = 0; i < AB_COUNT(differ); i++)
        cr_expect_not(is_same(differ[i][0], differ[i][1]), "%s is not %s", differ[i][0],
                      differ[i][1]);
}

static const char *print(double number)
{
    static char text[64];
    ab_buffer out;
    ab_buffer_init(&out);
    ab_number_print(&out, number);
    memcpy(text, ab_buffer_bytes(&out), ab_buffer_length(&out));
    text[ab_buffer_length(&out)] = '\0';
    ab_buffer_fini(&out);
    return text;
}

Test(number, is_printed_short_and_stays_a_fraction)
{
    cr_expect_str_eq(print(1), "1.0");
    cr_expect_str_eq(print(-0.0), "-0.0");
    cr_expect_str_eq(print(0.1), "0.1");
    cr_expect_str_eq(print(0.1 + 0.2), "0.30000000000000004");
    cr_expect_str_eq(print(1e300), "1e+300");
    cr_expect_str_eq(print(21.5), "21.5");
}

Test(number, reads_back_as_it_was_printed)
{
    static const double numbers[] = {DBL_MIN, DBL_MAX,    DBL_EPSILON, 1.0 / 3,
                                     5e-324,  123456.789, -2.5e-7};
    for (size_t i = 0; i < AB_COUNT(numbers); i++)
        cr_expect(fabs(strtod(print(numbers[i]), NULL) - numbers[i]) <= 0, "%g", numbers[i]);
}

Test(number, does_not_mind_a_locale_with_a_comma)
{
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL &&
        setlocale(LC_NUMERIC, "fr_FR.UTF-8") == NULL)
        cr_skip_test("no locale here writes a decimal comma");
    cr_expect_str_eq(print(21.5), "21.5");
    cr_expect(is_same("0.1", "0.10000000000000001"));
    setlocale(LC_NUMERIC, "C");
}

Test(value, equals_another_deeply)
{
    static const char *const same[][2] = {
        {"[]", "[ ]"},
        {"{}", "{ }"},
        {"null", "null"},
        {"[1,2]", "[1.0, 20e-1]"},
        {"{\"a\":1,\"b\":[true]}", "{\"b\" : [true], \"\\u0061\":1}"},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
        {"{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":{\"b\":{\"c\":null}}}"},
    };
    static const char *const differ[][2] = {
        {"[]", "{}"},
        {"null", "false"},
        {"0", "false"},
        {"\"1\"", "1"},
        {"[1,2]", "[2,1]"},
        {"[1]", "[1,1]"},
        {"[1,1]", "[1]"},
        {"{\"a\":1}", "{}"},
        {"{}", "{\"a\":1}"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}"},
        {"{\"a\":null}", "{\"b\":null}"},
        {"{\"a\":1,\"a\":2}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < AB_COUNT(same); i++)
        cr_expect(ab_value_equal(value_of(same[i][0]), value_of(same[i][1])), "%s", same[i][0]);
    for (size_t i = 0; i < AB_COUNT(differ); i++)
        cr_expect_not(ab_value_equal(value_of(differ[i][0]), value_of(differ[i][1])), "%s",
                      differ[i][0]);
}
