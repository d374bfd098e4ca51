/* SPDX-License-Identifier: MIT
 * A walk over the members: it knows strings and nesting, and nothing else of JSON. */
#include "monitor/members.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/json.h"
#include "tool/text.h"

char *monitor_slice_text(monitor_slice slice)
{
    char *text = tool_text_checked(calloc(1, slice.length + 1));
    if (slice.length > 0) {
        memcpy(text, slice.bytes, slice.length);
    }
    return text;
}

static const char *behind_blanks(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at) != NULL && *at != '\0') {
        at++;
    }
    return at;
}

/* Behind the string that begins at `at`. */
static const char *behind_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++) {
        at += *at == '\\' && at + 1 < end;
    }
    return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`. */
static const char *behind_value(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        bool closes = *at == '}' || *at == ']';
        if (depth == 0 && (closes || *at == ',')) {
            return at;
        }
        depth += *at == '{' || *at == '[';
        depth -= closes;
        at = *at == '"' ? behind_string(at, end) : at + 1;
    }
    return at;
}

static monitor_slice trimmed(const char *at, const char *end)
{
    while (end > at && strchr(" \t\r\n", end[-1]) != NULL && end[-1] != '\0') {
        end--;
    }
    return (monitor_slice){at, (size_t)(end - at)};
}

bool monitor_member(monitor_slice object, const char *key, monitor_slice *ret_value)
{
    const char *end = object.bytes + object.length;
    const char *at = behind_blanks(object.bytes, end);
    size_t length = strlen(key);
    if (at == end || *at != '{') {
        return false;
    }
    do {
        const char *name = behind_blanks(at + 1, end);
        if (name == end || *name != '"') {
            return false;
        }
        const char *behind = behind_string(name, end);
        at = behind_blanks(behind, end);
        if (at == end || *at != ':') {
            return false;
        }
        const char *value = behind_blanks(at + 1, end);
        at = behind_value(value, end);
        if ((size_t)(behind - name) == length + 2 && memcmp(name + 1, key, length) == 0) {
            *ret_value = trimmed(value, at);
            return ret_value->length > 0;
        }
    } while (at < end && *at == ',');
    return false;
}

/* NULL if it is no JSON. */
static json_object *parsed(monitor_slice object, const char *key)
{
    monitor_slice value;
    json_object *read = NULL;
    if (monitor_member(object, key, &value) && memchr(value.bytes, '\0', value.length) == NULL) {
        char *copy = monitor_slice_text(value);
        (void)tool_json_parse(copy, &read);
        free(copy);
    }
    return read;
}

char *monitor_member_text(monitor_slice object, const char *key)
{
    json_object *value = parsed(object, key);
    char *text = json_object_is_type(value, json_type_string)
                     ? tool_text_checked(strdup(json_object_get_string(value)))
                     : NULL;
    json_object_put(value);
    return text;
}

bool monitor_member_number(monitor_slice object, const char *key, uint64_t *ret_number)
{
    json_object *value = parsed(object, key);
    int64_t number = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
    json_object_put(value);
    *ret_number = number >= 0 ? (uint64_t)number : 0;
    return number >= 0 && number <= INT64_C(1) << 53;
}
