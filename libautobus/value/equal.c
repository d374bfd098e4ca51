/* SPDX-License-Identifier: MIT
 * Deep equality of two checked values, text against text. Recurses, at most AB_SCAN_DEPTH deep. */
#include "value/scan.h"

#include "value/number.h"
#include "value/string.h"

static ab_slice inside_of(ab_value string)
{
    return (ab_slice){string.text.bytes + 1, string.text.length - 2};
}

static bool is_equal_list(ab_value a, ab_value b)
{
    ab_members left, right;
    ab_members_begin(&left, a);
    ab_members_begin(&right, b);
    for (;;) {
        ab_slice key;
        ab_value one, other;
        bool has_one = ab_members_next(&left, &key, &one);
        bool has_other = ab_members_next(&right, &key, &other);
        if (!has_one || !has_other)
            return has_one == has_other;
        if (!ab_value_equal(one, other))
            return false;
    }
}

/* The last member whose key reads as `key` does. */
static ab_value member_like(ab_value map, ab_slice key)
{
    ab_value found = {AB_KIND_NONE, {NULL, 0}}, value;
    ab_members members;
    ab_slice name;
    ab_members_begin(&members, map);
    while (ab_members_next(&members, &name, &value))
        if (ab_string_same(name, key))
            found = value;
    return found;
}

static bool has_all_of(ab_value map, ab_value other)
{
    ab_members members;
    ab_slice key;
    ab_value value;
    ab_members_begin(&members, other);
    while (ab_members_next(&members, &key, &value))
        if (!ab_value_equal(member_like(map, key), member_like(other, key)))
            return false;
    return true;
}

static bool has_keys_of(ab_value map, ab_value other)
{
    ab_members members;
    ab_slice key;
    ab_value value;
    ab_members_begin(&members, other);
    while (ab_members_next(&members, &key, &value))
        if (member_like(map, key).kind == AB_KIND_NONE)
            return false;
    return true;
}

bool ab_value_equal(ab_value a, ab_value b)
{
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case AB_KIND_NUMBER: return ab_number_same(a.text, b.text);
    case AB_KIND_STRING: return ab_string_same(inside_of(a), inside_of(b));
    case AB_KIND_LIST: return is_equal_list(a, b);
    case AB_KIND_MAP: return has_keys_of(b, a) && has_all_of(a, b);
    default: return true;
    }
}
