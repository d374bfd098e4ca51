/* SPDX-License-Identifier: MIT
 * Printing what is handed over. Checked text is copied, not built and printed again. */
#include "service/payload.h"

#include <string.h>

#include "base/error.h"
#include "value/json.h"
#include "value/scan.h"

/* A message is one map around it; who reads it bounds the whole. */
#define DEPTH (AB_SCAN_DEPTH - 1)

static autobus_result refuse_depth(const char *what)
{
    return ab_fail(AUTOBUS_TOO_LARGE, "%s may have lists and maps nested %d deep, no deeper", what,
                   DEPTH);
}

static autobus_result take(ab_slice text, const char *what, size_t most, ab_payload *ret)
{
    if (text.length <= most) {
        ret->text = text;
        return AUTOBUS_OK;
    }
    ab_payload_fini(ret);
    return ab_fail(AUTOBUS_TOO_LARGE, "%s of %zu bytes is over the limit of %zu", what, text.length,
                   most);
}

static autobus_result take_room(const char *what, size_t most, ab_payload *ret)
{
    return take((ab_slice){ab_buffer_bytes(&ret->room), ab_buffer_length(&ret->room)}, what, most,
                ret);
}

autobus_result ab_payload_of_tree(json_object *tree, const char *what, size_t most, ab_payload *ret)
{
    *ret = (ab_payload){0};
    if (!ab_json_is_within(tree, DEPTH)) {
        json_object_put(tree);
        return refuse_depth(what);
    }
    ab_json_print(&ret->room, tree);
    json_object_put(tree);
    return take_room(what, most, ret);
}

/* The byte behind a string's closing quote, which is there. */
static const char *behind_string(const char *at, const char *end)
{
    for (at++;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        const char *escape = memchr(at, '\\', (size_t)(quote - at));
        if (escape == NULL)
            return quote + 1;
        at = escape + 2;
    }
}

/* Copies checked JSON without blanks and line ends; the tokens for what is no number become null. False: deeper
 * than DEPTH. */
static bool copy(ab_buffer *out, ab_slice text)
{
    const char *at = text.bytes, *end = at + text.length, *next;
    int depth = 0;

    for (; at < end; at = next) {
        next = at + 1;
        if (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
            continue;
        if (*at == '"') {
            next = behind_string(at, end);
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        } else if (*at == 'N' || *at == 'I' || (*at == '-' && next < end && *next == 'I')) {
            next = at + (*at == 'N' ? strlen("NaN") : strlen("Infinity")) + (*at == '-');
            ab_buffer_append_text(out, "null");
            continue;
        }
        if (depth > DEPTH)
            return false;
        ab_buffer_append(out, at, (size_t)(next - at));
    }
    return true;
}

autobus_result ab_payload_of_text(const char *text, const char *what, size_t most, ab_payload *ret)
{
    json_object *tree = NULL;
    ab_value value;
    bool is_compact;

    *ret = (ab_payload){0};
    if (ab_scan_compact(ab_slice_of(text), &value, &is_compact)) {
        if (is_compact)
            return take(value.text, what, most, ret);
        if (copy(&ret->room, value.text))
            return take_room(what, most, ret);
        ab_payload_fini(ret);
        return refuse_depth(what);
    }
    if (!ab_json_parse(ab_slice_of(text), true, &tree))
        return AUTOBUS_INVALID;
    return ab_payload_of_tree(tree, what, most, ret);
}

void ab_payload_fini(ab_payload *payload)
{
    ab_buffer_fini(&payload->room);
}

ab_text *ab_payload_keep(const ab_payload *payload)
{
    return ab_text_new(payload->text.bytes, payload->text.length);
}

bool ab_payload_is_list(const ab_payload *payload)
{
    return payload->text.bytes[0] == '[';
}
