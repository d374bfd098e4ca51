/* SPDX-License-Identifier: MIT
 * Members of objects, of which perhaps only the beginning is there. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "monitor/members.h"

static monitor_slice object(const char *text)
{
    return (monitor_slice){text, strlen(text)};
}

static bool has(const char *text, const char *key, const char *value)
{
    monitor_slice found = {"", 0};
    bool is_there = monitor_member(object(text), key, &found);
    return is_there && found.length == strlen(value) &&
           memcmp(found.bytes, value, found.length) == 0;
}

static bool lacks(const char *text, const char *key)
{
    monitor_slice found;
    return !monitor_member(object(text), key, &found);
}

Test(members, are_found_wherever_they_stand)
{
    static const char text[] = " { \"a\" : 1 , \"b\":{\"a\":[\"}\",2]}, \"c\" : \"x\\\"}\" }";
    cr_assert(has(text, "a", "1"));
    cr_assert(has(text, "b", "{\"a\":[\"}\",2]}"));
    cr_assert(has(text, "c", "\"x\\\"}\""));
    cr_assert(lacks(text, "d"));
}

Test(members, of_what_is_no_object_are_none)
{
    static const char *const odd[] = {
        "",       "{",       "[1]",       "null",       "{a:1}",
        "{\"a\"", "{\"a\":", "{\"a\" 1}", "{,\"a\":1}", "{\"b\":1}}\"a\":1"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cr_assert(lacks(odd[i], "a"), "%s", odd[i]);
    }
}

Test(members, are_there_as_far_as_the_object_goes)
{
    static const char text[] = "{\"name\":\"lamp\",\"args\":[1,[2,\"thr";
    cr_assert(has(text, "name", "\"lamp\""));
    cr_assert(has(text, "args", "[1,[2,\"thr"));
    for (size_t length = 0; length < strlen(text); length++) {
        monitor_slice found;
        bool is_there = monitor_member((monitor_slice){text, length}, "name", &found);
        cr_assert_eq(is_there, length > strlen("{\"name\":"), "of %zu bytes", length);
    }
}

Test(members, read_as_texts_have_no_escapes)
{
    char *name = monitor_member_text(object("{\"name\":\"caf\\u00e9\\n\"}"), "name");
    cr_assert_str_eq(name, "café\n");
    free(name);
    cr_assert_null(monitor_member_text(object("{\"name\":5}"), "name"));
    cr_assert_null(monitor_member_text(object("{\"name\":\"cut"), "name"));
    cr_assert_null(monitor_member_text((monitor_slice){"{\"name\":\"\0\"}", 12}, "name"));
}

Test(members, read_as_numbers_are_whole_and_not_too_large)
{
    uint64_t number;
    cr_assert(monitor_member_number(object("{\"n\":9007199254740992}"), "n", &number));
    cr_assert_eq(number, UINT64_C(1) << 53);
    static const char *const odd[] = {"{\"n\":-1}", "{\"n\":1.5}", "{\"n\":\"1\"}", "{}",
                                      "{\"n\":9007199254740993}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cr_assert_not(monitor_member_number(object(odd[i]), "n", &number), "%s", odd[i]);
    }
}
