/* SPDX-License-Identifier: MIT
 * Undoing escapes, and comparing without undoing them anywhere. Knows no containers. */
#include "value/string.h"

#include <string.h>

#include "value/scan.h"
#include "value/utf8.h"

static unsigned hex_digit(char byte)
{
    unsigned char lower = (unsigned char)byte | 0x20;
    return byte <= '9' ? (unsigned)(byte - '0') : (unsigned)(lower - 'a' + 10);
}

static uint32_t code_unit(const char *hex)
{
    return hex_digit(hex[0]) << 12 | hex_digit(hex[1]) << 8 | hex_digit(hex[2]) << 4 |
           hex_digit(hex[3]);
}

/* From behind "\u": one character, of two escapes if they are a surrogate pair. */
static const char *read_unicode(const char *at, const char *end, uint32_t *code)
{
    *code = code_unit(at);
    at += 4;
    if (*code < 0xd800 || *code > 0xdfff)
        return at;
    bool is_followed = *code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u';
    uint32_t low = is_followed ? code_unit(at + 2) : 0;
    if (low < 0xdc00 || low > 0xdfff) {
        *code = AB_UTF8_REPLACEMENT;
        return at;
    }
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return at + 6;
}

static char plain_escape(char letter)
{
    switch (letter) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return letter;
    }
}

/* From a backslash to behind its escape; the character goes to `out`. */
static const char *read_escape(const char *at, const char *end, char out[4], size_t *length)
{
    if (at[1] != 'u') {
        out[0] = plain_escape(at[1]);
        *length = 1;
        return at + 2;
    }
    uint32_t code;
    at = read_unicode(at + 2, end, &code);
    *length = ab_utf8_encode(code, out);
    return at;
}

/* Reads on through a string's inside: runs without escapes, and single escaped characters. */
typedef struct reader {
    const char *at, *end;
    char escaped[4];
} reader;

static ab_slice next_run(reader *from)
{
    if (from->at == from->end)
        return (ab_slice){"", 0};
    if (*from->at == '\\') {
        size_t length;
        from->at = read_escape(from->at, from->end, from->escaped, &length);
        return (ab_slice){from->escaped, length};
    }
    size_t left = (size_t)(from->end - from->at);
    const char *start = from->at, *stop = memchr(start, '\\', left);
    from->at = stop == NULL ? from->end : stop;
    return (ab_slice){start, (size_t)(from->at - start)};
}

static bool begins(ab_slice inside, ab_slice text, bool ends_too)
{
    reader from = {.at = inside.bytes, .end = inside.bytes + inside.length};
    for (;;) {
        ab_slice run = next_run(&from);
        if (run.length == 0)
            return text.length == 0;
        if (text.length == 0)
            return !ends_too;
        size_t common = run.length < text.length ? run.length : text.length;
        if (memcmp(run.bytes, text.bytes, common) != 0 || (ends_too && run.length > text.length))
            return false;
        text.bytes += common;
        text.length -= common;
    }
}

bool ab_string_reads(ab_slice inside, ab_slice text)
{
    /* The shortest way to write a byte is itself. */
    if (inside.length < text.length)
        return false;
    if (inside.length == 0 || memchr(inside.bytes, '\\', inside.length) == NULL)
        return inside.length == text.length &&
               (inside.length == 0 || memcmp(inside.bytes, text.bytes, inside.length) == 0);
    return begins(inside, text, true);
}

bool ab_string_begins(ab_slice inside, ab_slice text)
{
    return begins(inside, text, false);
}

bool ab_string_same(ab_slice inside, ab_slice other)
{
    reader a = {.at = inside.bytes, .end = inside.bytes + inside.length};
    reader b = {.at = other.bytes, .end = other.bytes + other.length};
    ab_slice left = next_run(&a), right = next_run(&b);
    while (left.length > 0 && right.length > 0) {
        size_t common = left.length < right.length ? left.length : right.length;
        if (memcmp(left.bytes, right.bytes, common) != 0)
            return false;
        left = (ab_slice){left.bytes + common, left.length - common};
        right = (ab_slice){right.bytes + common, right.length - common};
        if (left.length == 0)
            left = next_run(&a);
        if (right.length == 0)
            right = next_run(&b);
    }
    return left.length == right.length;
}

static ab_slice inside_of(ab_value value)
{
    return (ab_slice){value.text.bytes + 1, value.text.length - 2};
}

size_t ab_scan_string(ab_value value, char *out)
{
    if (value.kind != AB_KIND_STRING)
        return 0;
    ab_slice inside = inside_of(value);
    reader from = {.at = inside.bytes, .end = inside.bytes + inside.length};
    size_t length = 0;
    for (ab_slice run = next_run(&from); run.length > 0; run = next_run(&from)) {
        memcpy(out + length, run.bytes, run.length);
        length += run.length;
    }
    return length;
}

bool ab_scan_is(ab_value value, ab_slice text)
{
    if (value.kind != AB_KIND_STRING)
        return false;
    ab_slice inside = inside_of(value);
    /* Mostly it is another word altogether. */
    if (inside.length < text.length ||
        (text.length > 0 && inside.bytes[0] != text.bytes[0] && inside.bytes[0] != '\\'))
        return false;
    return ab_string_reads(inside, text);
}

bool ab_scan_begins(ab_value value, ab_slice text)
{
    return value.kind == AB_KIND_STRING && ab_string_begins(inside_of(value), text);
}
