/* SPDX-License-Identifier: MIT
 * Walking through maps and lists that were checked. */
#include "value/scan.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

static ab_value value_of(const char *text)
{
    ab_value value;
    cr_assert(ab_scan(ab_slice_of(text), &value), "%s is JSON", text);
    return value;
}

static bool has_text(ab_value value, const char *text)
{
    return ab_slice_is(value.text, text);
}

static ab_value member(const char *map, const char *key)
{
    return ab_scan_member(value_of(map), ab_slice_of(key));
}

static ab_value path(const char *map, const char *key)
{
    return ab_scan_path(value_of(map), ab_slice_of(key));
}

Test(members, of_a_map_come_in_order_with_their_keys)
{
    ab_members members;
    ab_slice key;
    ab_value value;
    ab_members_begin(
        &members, value_of("{ \"a\" : 1 ,\"b\\n\":\"x,}\\\"\",\"c\":{\"d\":[1,{}]},\"e\":null}"));
    cr_assert(ab_members_next(&members, &key, &value));
    cr_assert(ab_slice_is(key, "a"));
    cr_assert(has_text(value, "1"));
    cr_assert_eq(value.kind, AB_KIND_NUMBER);
    cr_assert(ab_members_next(&members, &key, &value));
    cr_assert(ab_slice_is(key, "b\\n"));
    cr_assert(has_text(value, "\"x,}\\\"\""));
    cr_assert(ab_members_next(&members, &key, &value));
    cr_assert(has_text(value, "{\"d\":[1,{}]}"));
    cr_assert_eq(value.kind, AB_KIND_MAP);
    cr_assert(ab_members_next(&members, &key, &value));
    cr_assert_eq(value.kind, AB_KIND_NULL);
    cr_assert_not(ab_members_next(&members, &key, &value));
    cr_assert_not(ab_members_next(&members, &key, &value));
}

Test(members, of_a_list_have_no_keys)
{
    static const ab_kind kinds[] = {AB_KIND_NUMBER, AB_KIND_TRUE, AB_KIND_FALSE, AB_KIND_STRING,
                                    AB_KIND_LIST,   AB_KIND_MAP,  AB_KIND_NUMBER};
    ab_members members;
    ab_slice key;
    ab_value value;
    ab_members_begin(&members, value_of("[ -1.5e3,true , false,\"]\",[ ],{\"a\":\"}\"},NaN\n]"));
    for (size_t i = 0; i < AB_COUNT(kinds); i++) {
        cr_assert(ab_members_next(&members, &key, &value));
        cr_expect_eq(value.kind, kinds[i], "%zu", i);
        cr_expect_eq(key.length, 0);
    }
    cr_assert(has_text(value, "NaN"));
    cr_assert_not(ab_members_next(&members, &key, &value));
}

Test(members, there_are_none_in_what_is_empty_or_no_container)
{
    static const char *const texts[] = {"{}", "[ ]", "1", "\"{}\"", "null"};
    for (size_t i = 0; i < AB_COUNT(texts); i++) {
        ab_members members;
        ab_slice key;
        ab_value value;
        ab_members_begin(&members, value_of(texts[i]));
        cr_expect_not(ab_members_next(&members, &key, &value), "%s", texts[i]);
    }
}

Test(member, is_found_by_its_key)
{
    const char *map = "{\"type\":\"lamp\",\"on\":true,\"room\":{\"type\":\"kitchen\"}}";
    cr_assert(has_text(member(map, "type"), "\"lamp\""));
    cr_assert(has_text(member(map, "on"), "true"));
    cr_assert_eq(member(map, "room").kind, AB_KIND_MAP);
    cr_assert_eq(member(map, "typ").kind, AB_KIND_NONE);
    cr_assert_eq(member(map, "kitchen").kind, AB_KIND_NONE);
    cr_assert_eq(member("[\"type\"]", "type").kind, AB_KIND_NONE);
}

Test(member, the_last_of_duplicates_counts)
{
    cr_assert(has_text(member("{\"a\":1,\"b\":2,\"a\":3}", "a"), "3"));
    cr_assert(has_text(member("{\"a\":1,\"\\u0061\":4}", "a"), "4"));
}

Test(member, is_found_however_its_key_is_written)
{
    cr_assert(has_text(member("{\"\\u0074ype\":1}", "type"), "1"));
    cr_assert(has_text(member("{\"a\\/b\":1}", "a/b"), "1"));
    cr_assert(has_text(member("{\"a\\\"b\\\\\":1}", "a\"b\\"), "1"));
    cr_assert(has_text(member("{\"\\u00e4\":1}", "\xc3\xa4"), "1"));
    cr_assert(has_text(member("{\"\\ud83d\\ude00\":1}", "\xf0\x9f\x98\x80"), "1"));
    cr_assert(has_text(member("{\"\":1}", ""), "1"));
    cr_assert_eq(member("{\"\\n\":1}", "\\n").kind, AB_KIND_NONE);
    cr_assert_eq(member("{\"ab\":1}", "a\\").kind, AB_KIND_NONE);
}

Test(member, is_found_behind_strings_of_every_length)
{
    static const char *const plain = "abcdefghijklmnopqrstuvwxyz0123456789";
    char map[256];
    for (int length = 0; length < 36; length++) {
        snprintf(map, sizeof map, "{\"%.*s\":\"%.*s\\\"\",\"x\":\"\\\\%.*s\\\\\",\"key\":1}",
                 length, plain, length, plain, length, plain);
        cr_expect(has_text(member(map, "key"), "1"), "%s", map);
    }
}

Test(path, goes_down_at_each_dot)
{
    const char *map = "{\"room\":{\"name\":\"kitchen\",\"floor\":{\"level\":2}},\"a.b\":{\"c\":3}}";
    cr_assert(has_text(path(map, "room.name"), "\"kitchen\""));
    cr_assert(has_text(path(map, "room.floor.level"), "2"));
    cr_assert_eq(path(map, "room").kind, AB_KIND_MAP);
    cr_assert_eq(path(map, "room.size").kind, AB_KIND_NONE);
    cr_assert_eq(path(map, "room.name.first").kind, AB_KIND_NONE);
    cr_assert_eq(path(map, "nothing.at.all").kind, AB_KIND_NONE);
}

Test(path, a_key_with_the_very_name_wins_at_every_level)
{
    const char *map = "{\"a\":{\"b\":1,\"b.c\":2,\"d\":4},\"a.b\":3}";
    cr_assert(has_text(path(map, "a.b"), "3"));
    cr_assert(has_text(path(map, "a.b.c"), "2"));
    cr_assert(has_text(path(map, "a.d"), "4"));
}

Test(path, may_have_odd_dots)
{
    cr_assert(has_text(path("{\".\":1}", "."), "1"));
    cr_assert(has_text(path("{\"\":{\"\":2}}", "."), "2"));
    cr_assert(has_text(path("{\"a\":{\"\":3}}", "a."), "3"));
    cr_assert_eq(path("{\"a\":1}", "a..").kind, AB_KIND_NONE);
}

static void expect_member(const ab_member *member, const char *key, ab_kind kind, const char *text)
{
    cr_expect(ab_slice_is(member->key, key), "%s", key);
    cr_expect_eq(member->has_escape, strchr(key, '\\') != NULL, "%s", key);
    cr_expect_eq(member->value.kind, kind, "%s", key);
    cr_expect(has_text(member->value, text), "%s", key);
}

Test(members, are_known_once_a_map_is_checked)
{
    ab_member members[4];
    ab_value map;
    size_t count;
    ab_slice text = AB_SLICE(" { \"a\" : 1.5 ,\"b\\n\":\"x,}\",\"c\":{\"d\":[1,{}]} , \"\":[]} ");
    cr_assert(ab_scan_members(text, &map, members, AB_COUNT(members), &count));
    cr_expect_eq(map.kind, AB_KIND_MAP);
    cr_assert_eq(count, 4);
    expect_member(&members[0], "a", AB_KIND_NUMBER, "1.5");
    expect_member(&members[1], "b\\n", AB_KIND_STRING, "\"x,}\"");
    expect_member(&members[2], "c", AB_KIND_MAP, "{\"d\":[1,{}]}");
    expect_member(&members[3], "", AB_KIND_LIST, "[]");
}

Test(members, that_are_too_many_are_counted)
{
    ab_member members[2];
    ab_value map;
    size_t count;
    ab_slice text = AB_SLICE("{\"a\":1,\"b\":{\"c\":2},\"d\":3}");
    cr_assert(ab_scan_members(text, &map, members, AB_COUNT(members), &count));
    cr_expect_eq(count, 3);
    expect_member(&members[0], "a", AB_KIND_NUMBER, "1");
}

Test(members, are_those_of_a_map_alone)
{
    ab_member members[2];
    ab_value map;
    size_t count;
    cr_expect(ab_scan_members(AB_SLICE("{}"), &map, members, AB_COUNT(members), &count));
    cr_expect_eq(count, 0);
    cr_expect_not(ab_scan_members(AB_SLICE("[{\"a\":1}]"), &map, members, 2, &count));
    cr_expect_not(ab_scan_members(AB_SLICE("{\"a\":1"), &map, members, 2, &count));
    cr_expect_not(ab_scan_members(AB_SLICE(""), &map, members, 2, &count));
}
