/* SPDX-License-Identifier: MIT
 * Outside of strings no other token of JSON has an N or an I: those letters tell. */
#include "peer/finite.h"

#include <stdbool.h>
#include <string.h>

/* Behind the string whose opening quote is at `at`. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* The next token that is no JSON, or the end. */
static const char *find_token(const char *at, const char *end)
{
    while (at < end && *at != 'N' && *at != 'I')
        at = *at == '"' ? skip_string(at, end) : at + 1;
    return at;
}

ab_slice ab_finite(ab_slice text, ab_buffer *room)
{
    const char *at = text.bytes, *end = at + text.length;
    bool is_suspect = memchr(at, 'N', text.length) != NULL || memchr(at, 'I', text.length) != NULL;
    const char *token = is_suspect ? find_token(at, end) : end;
    if (token == end)
        return text;
    size_t before = ab_buffer_length(room);
    for (; token < end; token = find_token(at, end)) {
        bool is_negative = token > at && token[-1] == '-';
        ab_buffer_append(room, at, (size_t)(token - at) - is_negative);
        ab_buffer_append_text(room, "null");
        at = token + (*token == 'N' ? strlen("NaN") : strlen("Infinity"));
    }
    ab_buffer_append(room, at, (size_t)(end - at));
    return (ab_slice){ab_buffer_bytes(room) + before, ab_buffer_length(room) - before};
}
