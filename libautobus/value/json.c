/* SPDX-License-Identifier: MIT
 * json-c, kept within bounds: it sees only text that was checked before, or that the program's author wrote.
 * Knows no filters and no protocol. */
#include "value/json.h"

#include <math.h>

#include "base/error.h"
#include "value/number.h"
#include "value/scan.h"
#include "value/utf8.h"

#define LARGEST (16 * 1024 * 1024)
#define SHOWN   60

static void put_tokener(json_tokener **tokener)
{
    if (*tokener != NULL)
        json_tokener_free(*tokener);
}

/* The beginning of what could not be parsed, fit for a sentence. */
static char *excerpt_of(ab_slice text)
{
    ab_buffer shown;
    ab_buffer_init(&shown);
    ab_json_print_string(&shown, (ab_slice){text.bytes, AB_MIN(text.length, (size_t)SHOWN)});
    char *excerpt = ab_format("%.*s%s", (int)ab_buffer_length(&shown), ab_buffer_bytes(&shown),
                              text.length > SHOWN ? "..." : "");
    ab_buffer_fini(&shown);
    return excerpt;
}

static bool fail_to_parse(ab_slice text, const char *why)
{
    char *excerpt AB_SCOPED(ab_free_ptr) = excerpt_of(text);
    ab_fail(AUTOBUS_INVALID, "%s is not JSON: %s", excerpt, why);
    return false;
}

static bool parse_tree(ab_slice text, int flags, json_object **ret)
{
    /* One more than levels, since json-c counts the value inside the innermost one too. */
    json_tokener *tokener AB_SCOPED(put_tokener) = json_tokener_new_ex(AB_SCAN_DEPTH + 1);
    if (tokener == NULL) {
        ab_fail(AUTOBUS_FAILED, "no memory to parse JSON");
        return false;
    }
    json_tokener_set_flags(tokener, flags);
    json_object *tree = json_tokener_parse_ex(tokener, text.bytes, (int)text.length);
    bool is_cut = json_tokener_get_error(tokener) == json_tokener_continue;
    size_t used = json_tokener_get_parse_end(tokener);
    /* A number at the very end might go on: only a '\0' tells json-c that it does not. */
    if (is_cut)
        tree = json_tokener_parse_ex(tokener, "", 1);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    if (error != json_tokener_success) {
        json_object_put(tree);
        return fail_to_parse(text, json_tokener_error_desc(error));
    }
    for (; !is_cut && used < text.length; used++) {
        if (text.bytes[used] != ' ' && text.bytes[used] != '\n' && text.bytes[used] != '\r' &&
            text.bytes[used] != '\t') {
            json_object_put(tree);
            return fail_to_parse(text, "something follows the value");
        }
    }
    *ret = tree;
    return true;
}

/* For what json-c parsed too: it lets one empty container more through than its depth says. */
bool ab_json_is_within(json_object *tree, unsigned levels)
{
    if (json_object_is_type(tree, json_type_array)) {
        for (size_t i = 0; levels > 0 && i < json_object_array_length(tree); i++)
            if (!ab_json_is_within(json_object_array_get_idx(tree, i), levels - 1))
                return false;
        return levels > 0;
    }
    if (json_object_is_type(tree, json_type_object)) {
        struct json_object_iter member;
        json_object_object_foreachC (tree, member)
            if (levels > 0 && !ab_json_is_within(member.val, levels - 1))
                return false;
        return levels > 0;
    }
    return true;
}

bool ab_json_parse(ab_slice text, bool lenient, json_object **ret)
{
    *ret = NULL;
    if (text.length > LARGEST) {
        ab_fail(AUTOBUS_TOO_LARGE, "JSON of %zu bytes is over the limit of %d", text.length,
                LARGEST);
        return false;
    }
    ab_value value;
    if (ab_scan(text, &value))
        return parse_tree(value.text, JSON_TOKENER_STRICT, ret);
    if (!lenient)
        return fail_to_parse(text, "it is malformed, not UTF-8, or nested too deeply");
    if (!parse_tree(text, JSON_TOKENER_VALIDATE_UTF8, ret))
        return false;
    if (ab_json_is_within(*ret, AB_SCAN_DEPTH))
        return true;
    ab_json_put(ret);
    return fail_to_parse(text, "it is nested too deeply");
}

static void print_code(ab_buffer *out, uint32_t code)
{
    static const char *const short_forms[] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
        ['\n'] = "\\n", ['\r'] = "\\r",  ['\t'] = "\\t",
    };
    if (code < AB_COUNT(short_forms) && short_forms[code] != NULL)
        ab_buffer_append(out, short_forms[code], 2);
    else if (code < 0x10000)
        ab_buffer_appendf(out, "\\u%04x", code);
    else
        ab_buffer_appendf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
                          0xdc00 + ((code - 0x10000) & 0x3ff));
}

static bool is_plain(char byte)
{
    return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

void ab_json_print_string(ab_buffer *out, ab_slice text)
{
    const char *at = text.bytes, *end = text.length == 0 ? at : at + text.length;
    ab_buffer_append(out, "\"", 1);
    while (at < end) {
        const char *start = at;
        while (at < end && is_plain(*at))
            at++;
        ab_buffer_append(out, start, (size_t)(at - start));
        if (at == end)
            break;
        uint32_t code = AB_UTF8_REPLACEMENT;
        size_t length = ab_utf8_decode(at, end, &code);
        print_code(out, length == 0 ? AB_UTF8_REPLACEMENT : code);
        at += length == 0 ? 1 : length;
    }
    ab_buffer_append(out, "\"", 1);
}

static void print_integer(ab_buffer *out, json_object *number)
{
    int64_t signed_number = json_object_get_int64(number);
    if (signed_number == INT64_MAX)
        ab_buffer_appendf(out, "%llu", (unsigned long long)json_object_get_uint64(number));
    else
        ab_buffer_appendf(out, "%lld", (long long)signed_number);
}

static void print_list(ab_buffer *out, json_object *list)
{
    ab_buffer_append(out, "[", 1);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        if (i > 0)
            ab_buffer_append(out, ",", 1);
        ab_json_print(out, json_object_array_get_idx(list, i));
    }
    ab_buffer_append(out, "]", 1);
}

static void print_map(ab_buffer *out, json_object *map)
{
    ab_buffer_append(out, "{", 1);
    bool is_first = true;
    struct json_object_iter member;
    json_object_object_foreachC (map, member) {
        if (!is_first)
            ab_buffer_append(out, ",", 1);
        is_first = false;
        ab_json_print_string(out, ab_slice_of(member.key));
        ab_buffer_append(out, ":", 1);
        ab_json_print(out, member.val);
    }
    ab_buffer_append(out, "}", 1);
}

void ab_json_print(ab_buffer *out, json_object *tree)
{
    switch (json_object_get_type(tree)) {
    case json_type_null: ab_buffer_append_text(out, "null"); break;
    case json_type_boolean:
        ab_buffer_append_text(out, json_object_get_boolean(tree) ? "true" : "false");
        break;
    case json_type_int: print_integer(out, tree); break;
    case json_type_double:
        if (isfinite(json_object_get_double(tree)))
            ab_number_print(out, json_object_get_double(tree));
        else
            ab_buffer_append_text(out, "null");
        break;
    case json_type_string:
        ab_json_print_string(out, (ab_slice){json_object_get_string(tree),
                                             (size_t)json_object_get_string_len(tree)});
        break;
    case json_type_array: print_list(out, tree); break;
    case json_type_object: print_map(out, tree); break;
    }
}

void ab_json_put(json_object **tree)
{
    json_object_put(*tree);
    *tree = NULL;
}
