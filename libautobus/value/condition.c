/* SPDX-License-Identifier: MIT
 * Finding what a condition speaks of, and judging it. Knows no filter. */
#include "value/condition.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "value/glob.h"
#include "value/number.h"

/* What was found under a key: a value of the info, or a text that the receiver filled in. */
typedef struct finding {
    ab_value value;
    ab_slice filled_in; /* instead, for the text kind STRING without quotes */
    char port[8];
} finding;

bool ab_condition_init(ab_condition *condition, ab_condition_test test, ab_slice key,
                       ab_slice expected)
{
    *condition = (ab_condition){.test = test};
    if (test != AB_TEST_PRESENT) {
        condition->expected = ab_text_new(expected.bytes, expected.length);
        ab_slice own = {condition->expected->bytes, expected.length};
        if (!ab_scan(own, &condition->value) && test == AB_TEST_EQUAL) {
            ab_text_unref(condition->expected);
            return false;
        }
    }
    condition->key = ab_text_new(key.bytes, key.length);
    return true;
}

void ab_condition_fini(ab_condition *condition)
{
    ab_text_unref(condition->key);
    ab_text_unref(condition->expected);
}

ab_condition ab_condition_copy(const ab_condition *condition)
{
    ab_text_ref(condition->key);
    if (condition->expected != NULL)
        ab_text_ref(condition->expected);
    return *condition;
}

static void find_port(uint16_t port, finding *found)
{
    int length = snprintf(found->port, sizeof found->port, "%u", (unsigned)port);
    found->value = (ab_value){AB_KIND_NUMBER, {found->port, (size_t)length}};
}

static void find(const ab_subject *subject, ab_slice key, finding *found)
{
    found->filled_in = (ab_slice){NULL, 0};
    if (ab_slice_equal(key, AB_SLICE("host")))
        found->filled_in = subject->host;
    else if (ab_slice_equal(key, AB_SLICE("service")))
        found->filled_in = subject->service;
    if (found->filled_in.bytes != NULL)
        found->value = (ab_value){AB_KIND_STRING, found->filled_in};
    else if (subject->port != 0 && ab_slice_equal(key, AB_SLICE("port")))
        find_port(subject->port, found);
    else
        found->value = ab_scan_path(subject->info, key);
}

static bool is_equal(const finding *found, ab_value expected)
{
    if (found->filled_in.bytes != NULL)
        return ab_scan_is(expected, found->filled_in);
    return ab_value_equal(found->value, expected);
}

static bool prints_as(const finding *found, const ab_condition *condition)
{
    ab_slice words = {condition->expected->bytes, condition->expected->length};
    if (found->filled_in.bytes != NULL)
        return ab_slice_equal(found->filled_in, words);
    switch (found->value.kind) {
    case AB_KIND_STRING: return ab_scan_is(found->value, words);
    case AB_KIND_NUMBER:
        return condition->value.kind == AB_KIND_NUMBER &&
               ab_number_same(found->value.text, condition->value.text);
    case AB_KIND_NULL:
    case AB_KIND_FALSE:
    case AB_KIND_TRUE: return ab_slice_equal(found->value.text, words);
    default: return false;
    }
}

static bool string_matches_glob(ab_value string, ab_slice pattern)
{
    char small[256];
    char *large = string.text.length > sizeof small ? ab_alloc(string.text.length, 1) : NULL;
    char *plain = large != NULL ? large : small;
    size_t length = ab_scan_string(string, plain);
    bool matches = ab_glob_matches(pattern, (ab_slice){plain, length});
    free(large);
    return matches;
}

static bool matches_glob(const finding *found, ab_slice pattern)
{
    if (found->filled_in.bytes != NULL)
        return ab_glob_matches(pattern, found->filled_in);
    switch (found->value.kind) {
    case AB_KIND_STRING: return string_matches_glob(found->value, pattern);
    case AB_KIND_NUMBER:
    case AB_KIND_FALSE:
    case AB_KIND_TRUE: return ab_glob_matches(pattern, found->value.text);
    default: return false;
    }
}

static bool judge(const ab_condition *condition, const finding *found)
{
    if (found->value.kind == AB_KIND_NONE)
        return false;
    switch (condition->test) {
    case AB_TEST_EQUAL: return is_equal(found, condition->value);
    case AB_TEST_PRINTED: return prints_as(found, condition);
    case AB_TEST_GLOB:
        return matches_glob(found,
                            (ab_slice){condition->expected->bytes, condition->expected->length});
    case AB_TEST_PRESENT: break;
    }
    return true;
}

bool ab_condition_holds(const ab_condition *condition, const ab_subject *subject)
{
    finding found;
    find(subject, (ab_slice){condition->key->bytes, condition->key->length}, &found);
    return judge(condition, &found) != condition->is_negated;
}
