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

static autobus_result take(ab_buffer *out, const char *what, size_t most, ab_text **ret)
{
    size_t length = ab_buffer_length(out);

    if (length > most)
        return ab_fail(AUTOBUS_TOO_LARGE, "%s of %zu bytes is over the limit of %zu", what, length,
                       most);
    *ret = ab_text_new(ab_buffer_bytes(out), length);
    return AUTOBUS_OK;
}

autobus_result ab_payload_of_tree(json_object *tree, const char *what, size_t most, ab_text **ret)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;

    *ret = NULL;
    ab_buffer_init(&out);
    if (!ab_json_is_within(tree, DEPTH)) {
        json_object_put(tree);
        return refuse_depth(what);
    }
    ab_json_print(&out, tree);
    json_object_put(tree);
    return take(&out, what, most, ret);
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

autobus_result ab_payload_of_text(const char *text, const char *what, size_t most, ab_text **ret)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    json_object *tree = NULL;
    ab_value value;

    *ret = NULL;
    ab_buffer_init(&out);
    if (ab_scan(ab_slice_of(text), &value))
        return copy(&out, value.text) ? take(&out, what, most, ret) : refuse_depth(what);
    if (!ab_json_parse(ab_slice_of(text), true, &tree))
        return AUTOBUS_INVALID;
    return ab_payload_of_tree(tree, what, most, ret);
}

bool ab_payload_is_list(const ab_text *payload)
{
    return payload->bytes[0] == '[';
}
