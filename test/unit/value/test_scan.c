/* SPDX-License-Identifier: MIT
 * What is JSON and what is not. */
#include "value/scan.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"

/* Scans an exact copy on the heap, so that a sanitizer sees every byte read too much. */
static ab_kind scan_bytes(const char *bytes, size_t length)
{
    char *copy = malloc(length + !length);
    memcpy(copy, bytes, length);
    ab_value value;
    bool is_json = ab_scan((ab_slice){copy, length}, &value);
    cr_assert_eq(is_json, value.kind != AB_KIND_NONE);
    free(copy);
    return value.kind;
}

static ab_kind scan(const char *text)
{
    return scan_bytes(text, strlen(text));
}

Test(scan, tells_the_kind)
{
    static const struct {
        const char *text;
        ab_kind kind;
    } cases[] = {
        {"null", AB_KIND_NULL},
        {"true", AB_KIND_TRUE},
        {"false", AB_KIND_FALSE},
        {"0", AB_KIND_NUMBER},
        {"\"\"", AB_KIND_STRING},
        {"[]", AB_KIND_LIST},
        {"{}", AB_KIND_MAP},
        {" \t\r\n 1 \n", AB_KIND_NUMBER},
        {"[1,\"a\",null]", AB_KIND_LIST},
        {"{\"a\" : [ { } , [ ] ] }", AB_KIND_MAP},
    };
    for (size_t i = 0; i < AB_COUNT(cases); i++)
        cr_expect_eq(scan(cases[i].text), cases[i].kind, "%s", cases[i].text);
}

Test(scan, gives_the_value_without_blanks_around)
{
    ab_value value;
    cr_assert(ab_scan(AB_SLICE("  [1, 2]\n"), &value));
    cr_assert(ab_slice_is(value.text, "[1, 2]"));
}

Test(scan, refuses_what_is_malformed)
{
    static const char *const wrong[] = {
        "",
        " ",
        "nul",
        "nulls",
        "truefalse",
        "True",
        "undefined",
        "'a'",
        "a",
        "\"a",
        "\"a\\\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{",
        "}",
        "{]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "1 2",
        "{} {}",
        "[] x",
        "/* */1",
        "\xef\xbb\xbf{}",
        "[[[",
        "[1]]",
    };
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_eq(scan(wrong[i]), AB_KIND_NONE, "%s", wrong[i]);
}

Test(scan, takes_numbers_as_the_standard_has_them)
{
    static const char *const right[] = {"0",
                                        "-0",
                                        "1",
                                        "-1",
                                        "10",
                                        "1.0",
                                        "0.5",
                                        "-0.0",
                                        "1e3",
                                        "1E3",
                                        "1e+3",
                                        "1e-3",
                                        "1.5e10",
                                        "0e0",
                                        "1e400",
                                        "NaN",
                                        "123456789012345678901234567890",
                                        "Infinity",
                                        "-Infinity"};
    static const char *const wrong[] = {"-",         "+1",   "01",     "-01",   "1.",   ".5",
                                        "1.e3",      "1e",   "1e+",    "1e1.5", "0x10", "1_000",
                                        "--1",       "1-",   "nan",    "-NaN",  "Inf",  "infinity",
                                        "+Infinity", "NaNs", "Infinit"};
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect_eq(scan(right[i]), AB_KIND_NUMBER, "%s", right[i]);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_eq(scan(wrong[i]), AB_KIND_NONE, "%s", wrong[i]);
}

Test(scan, takes_only_the_escapes_there_are)
{
    static const char *const right[] = {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                        "\"\\u0041\\uABCD\\uabcd\"",
                                        "\"\\ud83d\\ude00\"",
                                        "\"\\ud83d\"",
                                        "\"\\ude00\\ud83d\"",
                                        "\"\\u0000\""};
    static const char *const wrong[] = {"\"\\x41\"", "\"\\u004\"",  "\"\\u00g1\"",
                                        "\"\\'\"",   "\"\\U0041\"", "\"\\",
                                        "\"\\u",     "\"\\u12",     "\"\\\n\""};
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect_eq(scan(right[i]), AB_KIND_STRING, "%s", right[i]);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_eq(scan(wrong[i]), AB_KIND_NONE, "%s", wrong[i]);
}

Test(scan, refuses_control_characters_in_strings)
{
    for (int byte = 0; byte < 0x20; byte++) {
        char text[] = {'"', (char)byte, '"'};
        cr_expect_eq(scan_bytes(text, 3), AB_KIND_NONE, "byte %d", byte);
    }
    cr_expect_eq(scan("\"\x7f\""), AB_KIND_STRING);
    cr_expect_eq(scan_bytes("1\0", 2), AB_KIND_NONE);
}

/* Long strings are read in larger steps: what is special in them is found wherever it stands. */
Test(scan, finds_each_byte_in_each_place_of_a_string)
{
    for (int length = 1; length <= 20; length++) {
        for (int at = 0; at < length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[24];
                memset(text, 'x', sizeof text);
                text[0] = text[length + 1] = '"';
                text[at + 1] = (char)byte;
                bool is_plain = byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
                ab_kind kind = scan_bytes(text, (size_t)length + 2);
                cr_expect_eq(kind, is_plain ? AB_KIND_STRING : AB_KIND_NONE, "byte %d at %d of %d",
                             byte, at, length);
            }
        }
    }
}

Test(scan, checks_utf_8_strictly)
{
    static const char *const right[] = {
        "\"\xc2\x80\"",         "\"\xdf\xbf\"",         "\"\xe0\xa0\x80\"",
        "\"\xed\x9f\xbf\"",     "\"\xee\x80\x80\"",     "\"\xef\xbf\xbf\"",
        "\"\xf0\x90\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"", "{\"\xc3\xa4\":\"\xe2\x82\xac\"}",
    };
    static const char *const wrong[] = {
        "\"\x80\"",
        "\"\xbf\"",
        "\"\xc0\x80\"",
        "\"\xc1\xbf\"",
        "\"\xc2\"",
        "\"\xc2\x41\"",
        "\"\xe0\x9f\xbf\"",
        "\"\xed\xa0\x80\"",
        "\"\xed\xbf\xbf\"",
        "\"\xe2\x82\"",
        "\"\xe2\x28\xa1\"",
        "\"\xf0\x8f\xbf\xbf\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xff\"",
        "\"\xf0\x90\x80\"",
        "\xc3\xa4",
        "{\"\xff\":1}",
    };
    for (size_t i = 0; i < AB_COUNT(right); i++)
        cr_expect_neq(scan(right[i]), AB_KIND_NONE, "right %zu", i);
    for (size_t i = 0; i < AB_COUNT(wrong); i++)
        cr_expect_eq(scan(wrong[i]), AB_KIND_NONE, "wrong %zu", i);
}

/* `depth` levels of lists and maps in turn, with 1 inside. */
static ab_kind scan_nested(unsigned depth)
{
    char text[1024] = "";
    for (unsigned i = 0; i < depth; i++)
        strcat(text, i % 2 ? "{\"a\":" : "[");
    strcat(text, "1");
    for (unsigned i = depth; i-- > 0;)
        strcat(text, i % 2 ? "}" : "]");
    return scan(text);
}

Test(scan, allows_nesting_up_to_its_depth)
{
    cr_assert_eq(scan_nested(1), AB_KIND_LIST);
    cr_assert_eq(scan_nested(AB_SCAN_DEPTH), AB_KIND_LIST);
    cr_assert_eq(scan_nested(AB_SCAN_DEPTH + 1), AB_KIND_NONE);
    cr_assert_eq(scan_nested(AB_SCAN_DEPTH + 20), AB_KIND_NONE);
}

Test(scan, gives_up_at_once_on_hostile_nesting)
{
    static char text[1 << 20];
    memset(text, '[', sizeof text);
    cr_assert_eq(scan_bytes(text, sizeof text), AB_KIND_NONE);
}

static bool is_compact(const char *text)
{
    ab_value value;
    bool is_so = false;
    cr_assert(ab_scan_compact(ab_slice_of(text), &value, &is_so), "%s", text);
    return is_so;
}

Test(scan, tells_what_needs_no_change_to_be_part_of_a_line)
{
    cr_expect(is_compact("{\"a b\":[1,\"\\n c\",null]}"));
    cr_expect(is_compact(" \n[1]\t"));
    const char *const loose[] = {"[1, 2]", "{\"a\" :1}", "[ ]", "[1\n]", "[NaN]", "-Infinity"};
    for (size_t i = 0; i < AB_COUNT(loose); i++)
        cr_expect_not(is_compact(loose[i]), "%s", loose[i]);
    char deep[2 * AB_SCAN_DEPTH + 1] = "";
    memset(deep, '[', AB_SCAN_DEPTH);
    memset(deep + AB_SCAN_DEPTH, ']', AB_SCAN_DEPTH);
    cr_expect_not(is_compact(deep));
    deep[2 * AB_SCAN_DEPTH - 1] = '\0';
    cr_expect(is_compact(deep + 1));
}
