/* SPDX-License-Identifier: MIT
 * Matching shell patterns. Knows no files: '/' and a leading '.' are characters like others. Only the last
 * star is ever tried again, so no pattern makes it slow. */
#include "value/glob.h"

#include <stdint.h>

#include "value/utf8.h"

static uint32_t take_character(const char **at, const char *end)
{
    uint32_t code;
    size_t length = ab_utf8_decode(*at, end, &code);
    if (length == 0) {
        /* Beyond all characters, so that a stray byte equals itself and nothing else. */
        code = 0x110000U + (unsigned char)**at;
        length = 1;
    }
    *at += length;
    return code;
}

static uint32_t take_literal(const char **at, const char *end)
{
    if (**at == '\\' && end - *at > 1)
        (*at)++;
    return take_character(at, end);
}

/* From behind a '[' to behind its ']'; NULL if there is none. *is_in: the set has the character. */
static const char *match_set(const char *at, const char *end, uint32_t code, bool *is_in)
{
    bool is_inverted = at < end && (*at == '!' || *at == '^');
    at += is_inverted;
    *is_in = is_inverted;
    for (bool is_first = true; at < end && (is_first || *at != ']'); is_first = false) {
        uint32_t low = take_literal(&at, end), high = low;
        if (end - at > 1 && at[0] == '-' && at[1] != ']') {
            at++;
            high = take_literal(&at, end);
        }
        if (low <= code && code <= high)
            *is_in = !is_inverted;
    }
    return at < end ? at + 1 : NULL;
}

/* Matches one character against what stands at *pattern and steps over that; false: no match. */
static bool match_one(const char **pattern, const char *end, uint32_t code)
{
    if (**pattern == '?') {
        (*pattern)++;
        return true;
    }
    if (**pattern == '[') {
        bool is_in;
        const char *behind = match_set(*pattern + 1, end, code, &is_in);
        if (behind != NULL) {
            *pattern = behind;
            return is_in;
        }
    }
    return take_literal(pattern, end) == code;
}

bool ab_glob_matches(ab_slice pattern, ab_slice text)
{
    if (pattern.length == 0 || text.length == 0) {
        size_t stars = 0;
        while (stars < pattern.length && pattern.bytes[stars] == '*')
            stars++;
        return stars == pattern.length && text.length == 0;
    }
    const char *at = text.bytes, *end = at + text.length;
    const char *rule = pattern.bytes, *last = rule + pattern.length;
    const char *star = NULL, *tried = NULL;
    while (at < end) {
        if (rule < last && *rule == '*') {
            star = ++rule;
            tried = at;
            continue;
        }
        const char *next = at;
        uint32_t code = take_character(&next, end);
        if (rule < last && match_one(&rule, last, code)) {
            at = next;
        } else if (star != NULL) {
            take_character(&tried, end);
            at = tried;
            rule = star;
        } else {
            return false;
        }
    }
    while (rule < last && *rule == '*')
        rule++;
    return rule == last;
}

bool ab_glob_is_pattern(ab_slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] == '*' || text.bytes[i] == '?' || text.bytes[i] == '[')
            return true;
    return false;
}
