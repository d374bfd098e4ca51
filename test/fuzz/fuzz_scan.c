/* SPDX-License-Identifier: MIT
 * Any bytes as JSON, with json-c as the judge: what we take it takes too, as the same value; and what it
 * takes in its strict mode we take, where the text has nothing in which json-c is known to be lax. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/error.h"
#include "value/json.h"
#include "value/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void compare_tree(json_object *tree, ab_value value);

static void compare_string(json_object *tree, ab_value value)
{
    ab_slice text = {json_object_get_string(tree), (size_t)json_object_get_string_len(tree)};
    assert(ab_scan_is(value, text));
    char *plain AB_SCOPED(ab_free_ptr) = malloc(value.text.length);
    assert(ab_scan_string(value, plain) == text.length);
    assert(memcmp(plain, text.bytes, text.length) == 0);
}

static void compare_number(json_object *tree, ab_value value)
{
    int64_t number;
    if (ab_scan_integer(value, &number) && json_object_is_type(tree, json_type_int))
        assert(number == json_object_get_int64(tree));
    if (ab_scan_integer(value, &number) && json_object_is_type(tree, json_type_double))
        assert((double)number == json_object_get_double(tree));
}

static void compare_list(json_object *tree, ab_value value)
{
    ab_members members;
    ab_slice key;
    ab_value element;
    ab_members_begin(&members, value);
    for (size_t i = 0; i < json_object_array_length(tree); i++) {
        assert(ab_members_next(&members, &key, &element));
        compare_tree(json_object_array_get_idx(tree, i), element);
    }
    assert(!ab_members_next(&members, &key, &element));
}

static void compare_map(json_object *tree, ab_value value)
{
    struct json_object_iter member;
    json_object_object_foreachC (tree, member)
        compare_tree(member.val, ab_scan_member(value, ab_slice_of(member.key)));
}

static void compare_tree(json_object *tree, ab_value value)
{
    assert(ab_value_equal(value, value));
    switch (json_object_get_type(tree)) {
    case json_type_null: assert(value.kind == AB_KIND_NULL); break;
    case json_type_boolean:
        assert(value.kind == (json_object_get_boolean(tree) ? AB_KIND_TRUE : AB_KIND_FALSE));
        break;
    case json_type_int:
    case json_type_double:
        assert(value.kind == AB_KIND_NUMBER);
        compare_number(tree, value);
        break;
    case json_type_string:
        assert(value.kind == AB_KIND_STRING);
        compare_string(tree, value);
        break;
    case json_type_array:
        assert(value.kind == AB_KIND_LIST);
        compare_list(tree, value);
        break;
    case json_type_object:
        assert(value.kind == AB_KIND_MAP);
        compare_map(tree, value);
        break;
    }
}

/* What is printed is JSON, and is printed the same again. */
static void check_printing(json_object *tree)
{
    ab_buffer once, again;
    ab_buffer_init(&once);
    ab_buffer_init(&again);
    ab_json_print(&once, tree);
    json_object *reread;
    assert(
        ab_json_parse((ab_slice){ab_buffer_bytes(&once), ab_buffer_length(&once)}, false, &reread));
    ab_json_print(&again, reread);
    assert(ab_buffer_length(&once) == ab_buffer_length(&again));
    assert(memcmp(ab_buffer_bytes(&once), ab_buffer_bytes(&again), ab_buffer_length(&once)) == 0);
    json_object_put(reread);
    ab_buffer_fini(&once);
    ab_buffer_fini(&again);
}

/* json-c cuts keys at a zero. */
static bool has_zero_escape(ab_slice text)
{
    return memmem(text.bytes, text.length, "\\u0000", 6) != NULL;
}

/* Raw control characters, broken UTF-8, words in other cases, leading zeros, a "-" or a point alone, names of members
 * in single quotes: json-c takes them all, and an empty container one level too deep. */
static bool is_beyond_doubt(ab_slice text)
{
    size_t containers = 0;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        containers += byte == '[' || byte == '{';
        if (containers > AB_SCAN_DEPTH)
            return false;
        if (byte < ' ' || byte > '~' || strchr("0-.nNiItTfF'", byte) != NULL)
            return false;
    }
    return true;
}

static bool does_json_c_take(ab_slice text)
{
    json_tokener *tokener = json_tokener_new_ex(AB_SCAN_DEPTH + 1);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    char *terminated AB_SCOPED(ab_free_ptr) = ab_strndup(text.bytes, text.length);
    json_object *tree = json_tokener_parse_ex(tokener, terminated, (int)text.length + 1);
    bool is_taken = json_tokener_get_error(tokener) == json_tokener_success;
    json_object_put(tree);
    json_tokener_free(tokener);
    return is_taken;
}

/* Checking and walking find the same members. */
static void check_members(ab_slice text, ab_value value)
{
    enum {
        ROOM = 4
    };
    ab_member members[ROOM];
    ab_members walk;
    ab_slice key;
    ab_value map, member;
    size_t count, i = 0;
    assert(ab_scan_members(text, &map, members, ROOM, &count) == (value.kind == AB_KIND_MAP));
    if (value.kind != AB_KIND_MAP)
        return;
    ab_members_begin(&walk, value);
    for (; ab_members_next(&walk, &key, &member); i++) {
        /* The last place is the last member's. */
        const ab_member *noted = &members[AB_MIN(i, (size_t)ROOM - 1)];
        if (i >= ROOM - 1 && i + 1 < count)
            continue;
        assert(noted->key.bytes == key.bytes && noted->key.length == key.length);
        assert(noted->has_escape == (memchr(key.bytes, '\\', key.length) != NULL));
        assert(noted->value.kind == member.kind && noted->value.text.bytes == member.text.bytes &&
               noted->value.text.length == member.text.length);
    }
    assert(i == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *copy AB_SCOPED(ab_free_ptr) = malloc(length + !length);
    memcpy(copy, bytes, length);
    ab_slice text = {copy, length};
    ab_value value;
    if (!ab_scan(text, &value)) {
        if (is_beyond_doubt(text))
            assert(!does_json_c_take(text));
        json_object *lenient;
        if (ab_json_parse(text, true, &lenient))
            check_printing(lenient);
        json_object_put(lenient);
        return 0;
    }
    check_members(text, value);
    json_object *tree;
    assert(ab_json_parse(text, false, &tree));
    if (!has_zero_escape(text))
        compare_tree(tree, value);
    check_printing(tree);
    json_object_put(tree);
    return 0;
}
