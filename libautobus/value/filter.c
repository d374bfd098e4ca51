/* SPDX-License-Identifier: MIT
 * Filters: lists of conditions, and the mistakes made while they are written down. Knows no service beyond
 * what a subject shows. */
#include "value/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/error.h"
#include "value/condition.h"
#include "value/glob.h"
#include "value/json.h"

struct autobus_filter {
    ab_condition *conditions;
    size_t count, capacity;
    autobus_result result; /* of the first mistake */
    char *mistake;         /* its sentence, NULL: none */
};

AB_API autobus_filter *autobus_filter_new(void)
{
    return ab_alloc(1, sizeof(autobus_filter));
}

AB_API void autobus_filter_free(autobus_filter **filter)
{
    if (filter == NULL || *filter == NULL)
        return;
    for (size_t i = 0; i < (*filter)->count; i++)
        ab_condition_fini(&(*filter)->conditions[i]);
    free((*filter)->conditions);
    free((*filter)->mistake);
    free(*filter);
    *filter = NULL;
}

AB_API autobus_filter *autobus_filter_copy(const autobus_filter *filter)
{
    if (filter == NULL)
        return NULL;
    autobus_filter *copy = autobus_filter_new();
    copy->conditions = ab_alloc(filter->count, sizeof *copy->conditions);
    copy->count = copy->capacity = filter->count;
    for (size_t i = 0; i < filter->count; i++)
        copy->conditions[i] = ab_condition_copy(&filter->conditions[i]);
    copy->result = filter->result;
    copy->mistake = filter->mistake == NULL ? NULL : ab_strdup(filter->mistake);
    return copy;
}

/* Keeps the sentence just said, if it is the filter's first. */
static autobus_result remember(autobus_filter *filter, autobus_result result)
{
    if (filter->mistake == NULL) {
        filter->result = result;
        filter->mistake = ab_strdup(autobus_last_error());
    }
    return result;
}

static autobus_result check_place(autobus_filter *filter, const char *key)
{
    if (filter == NULL)
        return ab_fail(AUTOBUS_INVALID, "there is no filter (NULL) to add a condition to");
    if (key == NULL || key[0] == '\0')
        return remember(filter,
                        ab_fail(AUTOBUS_INVALID, "a condition needs a key, such as \"type\""));
    return AUTOBUS_OK;
}

static autobus_result add_condition(autobus_filter *filter, ab_condition condition, bool is_negated)
{
    if (filter->count == filter->capacity) {
        filter->capacity = AB_MAX(filter->capacity * 2, 4);
        filter->conditions =
            ab_realloc(filter->conditions, filter->capacity, sizeof *filter->conditions);
    }
    condition.is_negated = is_negated;
    filter->conditions[filter->count++] = condition;
    return AUTOBUS_OK;
}

static autobus_result add_equal(autobus_filter *filter, const char *key, json_object *taken,
                                bool is_negated)
{
    json_object *value AB_SCOPED(ab_json_put) = taken;
    autobus_result result = check_place(filter, key);
    if (result != AUTOBUS_OK)
        return result;
    if (json_object_is_type(value, json_type_double) && !isfinite(json_object_get_double(value)))
        return remember(filter,
                        ab_fail(AUTOBUS_INVALID,
                                "nothing equals NaN or an infinity, as asked for \"%s\"", key));
    ab_buffer text;
    ab_buffer_init(&text);
    ab_json_print(&text, value);
    ab_condition condition;
    ab_slice printed = {ab_buffer_bytes(&text), ab_buffer_length(&text)};
    bool is_made = ab_condition_init(&condition, AB_TEST_EQUAL, ab_slice_of(key), printed);
    ab_buffer_fini(&text);
    if (!is_made)
        return remember(filter,
                        ab_fail(AUTOBUS_TOO_LARGE,
                                "the value for \"%s\" is nested deeper than the %d levels allowed",
                                key, AB_SCAN_DEPTH));
    return add_condition(filter, condition, is_negated);
}

AB_API autobus_result autobus_filter_equal(autobus_filter *filter, const char *key,
                                           json_object *value)
{
    return add_equal(filter, key, value, false);
}

AB_API autobus_result autobus_filter_not_equal(autobus_filter *filter, const char *key,
                                               json_object *value)
{
    return add_equal(filter, key, value, true);
}

static autobus_result add_words(autobus_filter *filter, ab_condition_test test, const char *key,
                                const char *words, bool is_negated)
{
    autobus_result result = check_place(filter, key);
    if (result != AUTOBUS_OK)
        return result;
    ab_condition condition;
    ab_condition_init(&condition, test, ab_slice_of(key), ab_slice_of(words));
    return add_condition(filter, condition, is_negated);
}

AB_API autobus_result autobus_filter_present(autobus_filter *filter, const char *key)
{
    return add_words(filter, AB_TEST_PRESENT, key, "", false);
}

AB_API autobus_result autobus_filter_absent(autobus_filter *filter, const char *key)
{
    return add_words(filter, AB_TEST_PRESENT, key, "", true);
}

AB_API autobus_result autobus_filter_glob(autobus_filter *filter, const char *key,
                                          const char *pattern)
{
    autobus_result result = check_place(filter, key);
    if (result != AUTOBUS_OK)
        return result;
    if (pattern == NULL)
        return remember(filter,
                        ab_fail(AUTOBUS_INVALID,
                                "the pattern for \"%s\" is NULL; \"*\" matches any text", key));
    return add_words(filter, AB_TEST_GLOB, key, pattern, false);
}

static autobus_result fail_to_read(autobus_filter *filter, const char *condition)
{
    return remember(filter,
                    ab_fail(AUTOBUS_INVALID,
                            "\"%s\" is no condition; write KEY=VALUE, KEY!=VALUE, KEY or !KEY",
                            condition));
}

AB_API autobus_result autobus_filter_add_text(autobus_filter *filter, const char *condition)
{
    if (filter == NULL)
        return check_place(filter, condition);
    if (condition == NULL)
        return fail_to_read(filter, "NULL");
    const char *equals = strchr(condition, '=');
    bool is_negated =
        equals == NULL ? condition[0] == '!' : equals > condition && equals[-1] == '!';
    const char *start = condition + (equals == NULL && is_negated);
    const char *stop = equals == NULL ? start + strlen(start) : equals - is_negated;
    if (start == stop || *start == '!')
        return fail_to_read(filter, condition);
    char *key AB_SCOPED(ab_free_ptr) = ab_strndup(start, (size_t)(stop - start));
    if (equals == NULL)
        return add_words(filter, AB_TEST_PRESENT, key, "", is_negated);
    const char *words = equals + 1;
    bool is_glob = ab_glob_is_pattern(ab_slice_of(words));
    return add_words(filter, is_glob ? AB_TEST_GLOB : AB_TEST_PRINTED, key, words, is_negated);
}

AB_API autobus_filter *autobus_filter_parse(const char *json)
{
    json_object *tree AB_SCOPED(ab_json_put) = NULL;
    autobus_filter *filter = autobus_filter_new();
    if (json == NULL || !ab_json_parse(ab_slice_of(json), true, &tree)) {
        char *why AB_SCOPED(ab_free_ptr) =
            ab_strdup(json == NULL ? "it is NULL" : autobus_last_error());
        (void)remember(filter, ab_fail(AUTOBUS_INVALID,
                                       "a filter is an object such as {'type': 'lamp'}: %s", why));
        return filter;
    }
    if (!json_object_is_type(tree, json_type_object)) {
        (void)remember(
            filter,
            ab_fail(AUTOBUS_INVALID,
                    "a filter is an object such as {'type': 'lamp'}, not a value of type %s",
                    json_type_to_name(json_object_get_type(tree))));
        return filter;
    }
    struct json_object_iter member;
    json_object_object_foreachC (tree, member)
        (void)autobus_filter_equal(filter, member.key, json_object_get(member.val));
    return filter;
}

autobus_result ab_filter_check(const autobus_filter *filter)
{
    if (filter == NULL || filter->mistake == NULL)
        return AUTOBUS_OK;
    return ab_fail(filter->result, "%s", filter->mistake);
}

bool ab_filter_matches(const autobus_filter *filter, const ab_subject *subject)
{
    if (filter == NULL)
        return !ab_filter_is_library(subject->info);
    for (size_t i = 0; i < filter->count; i++)
        if (!ab_condition_holds(&filter->conditions[i], subject))
            return false;
    return true;
}

bool ab_filter_sees_location(const autobus_filter *filter)
{
    for (size_t i = 0; filter != NULL && i < filter->count; i++) {
        const ab_text *key = filter->conditions[i].key;
        if (ab_text_is(key, AB_SLICE("host")) || ab_text_is(key, AB_SLICE("port")))
            return true;
    }
    return false;
}

bool ab_filter_is_library(ab_value info)
{
    return ab_scan_begins(ab_scan_member(info, AB_SLICE("type")), AB_SLICE("autobus."));
}
