/* SPDX-License-Identifier: MIT
 * The checking pass: is this JSON? Everything that reads a value later trusts it. Knows no members and no
 * meaning. What is open is one bit a level (map or list), so hostile nesting costs nothing. */
#include "value/scan.h"

#include <endian.h>
#include <string.h>

#include "value/utf8.h"

typedef struct scanner {
    const char *at, *end;
    uint64_t maps; /* a bit for each open level: 1 map, 0 list; the innermost is the lowest */
    unsigned depth;
    bool is_loose; /* not compact */
} scanner;

static void skip_blanks(scanner *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')) {
        scan->is_loose = true;
        scan->at++;
    }
}

/* The byte here; '\0', which is nowhere right, at the end. */
static char peek(const scanner *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool check_escape(scanner *scan)
{
    scan->at++;
    char letter = peek(scan);
    if (letter == '\0' || strchr("\"\\/bfnrtu", letter) == NULL)
        return false;
    scan->at++;
    if (letter != 'u')
        return true;
    for (int i = 0; i < 4; i++, scan->at++)
        if (!is_hex(peek(scan)))
            return false;
    return true;
}

/* Marks what is not plain in a string: a quote, a backslash, a control character, and what is not ASCII. The lowest
 * mark is right, higher ones may be false. */
static inline uint64_t mark_special(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
            ((word - ones * ' ') & ~word) | word) &
           ones << 7;
}

/* Eight bytes at a time, as far as that goes. */
static inline void skip_plain(scanner *scan)
{
    while (scan->end - scan->at >= 8) {
        uint64_t word;
        memcpy(&word, scan->at, 8);
        uint64_t marks = mark_special(le64toh(word));
        if (marks != 0) {
            scan->at += __builtin_ctzll(marks) / 8;
            return;
        }
        scan->at += 8;
    }
}

static bool check_string(scanner *scan)
{
    scan->at++;
    while (scan->at < scan->end) {
        skip_plain(scan);
        if (scan->at == scan->end)
            return false;
        unsigned char byte = (unsigned char)*scan->at;
        if (byte == '"') {
            scan->at++;
            return true;
        }
        if (byte < ' ')
            return false;
        if (byte == '\\') {
            if (!check_escape(scan))
                return false;
        } else if (byte < 0x80) {
            scan->at++;
        } else {
            uint32_t code;
            size_t length = ab_utf8_decode(scan->at, scan->end, &code);
            if (length == 0)
                return false;
            scan->at += length;
        }
    }
    return false;
}

static bool check_word(scanner *scan, const char *word, size_t length)
{
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

/* What is no number is none in JSON. */
static bool check_token(scanner *scan, const char *word, size_t length)
{
    scan->is_loose = true;
    return check_word(scan, word, length);
}

static bool check_digits(scanner *scan)
{
    if (!is_digit(peek(scan)))
        return false;
    while (is_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool check_number(scanner *scan)
{
    if (peek(scan) == '-')
        scan->at++;
    if (peek(scan) == 'I')
        return check_token(scan, "Infinity", 8);
    if (peek(scan) == '0')
        scan->at++;
    else if (!check_digits(scan))
        return false;
    if (peek(scan) == '.') {
        scan->at++;
        if (!check_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        if (peek(scan) == '+' || peek(scan) == '-')
            scan->at++;
        return check_digits(scan);
    }
    return true;
}

/* The kind that begins with this byte; a container's and a string's contents are still to be checked. */
static ab_kind kind_of(char first)
{
    switch (first) {
    case '"': return AB_KIND_STRING;
    case '{': return AB_KIND_MAP;
    case '[': return AB_KIND_LIST;
    case 't': return AB_KIND_TRUE;
    case 'f': return AB_KIND_FALSE;
    case 'n': return AB_KIND_NULL;
    default: return AB_KIND_NUMBER;
    }
}

static bool check_scalar(scanner *scan)
{
    switch (peek(scan)) {
    case '"': return check_string(scan);
    case 't': return check_word(scan, "true", 4);
    case 'f': return check_word(scan, "false", 5);
    case 'n': return check_word(scan, "null", 4);
    case 'N': return check_token(scan, "NaN", 3);
    default: return check_number(scan);
    }
}

/* From before a key to before its value. */
static bool check_key(scanner *scan)
{
    skip_blanks(scan);
    if (peek(scan) != '"' || !check_string(scan))
        return false;
    skip_blanks(scan);
    return check_word(scan, ":", 1);
}

static bool is_in_map(const scanner *scan)
{
    return (scan->maps & 1) != 0;
}

/* Enters a container. *is_empty: it is closed already. */
static bool check_opening(scanner *scan, bool is_map, bool *is_empty)
{
    *is_empty = false;
    if (scan->depth == AB_SCAN_DEPTH)
        return false;
    if (++scan->depth == AB_SCAN_DEPTH)
        scan->is_loose = true;
    scan->maps = scan->maps << 1 | is_map;
    scan->at++;
    skip_blanks(scan);
    *is_empty = peek(scan) == (is_map ? '}' : ']');
    return *is_empty || !is_map || check_key(scan);
}

/* From behind a value over everything that ends with it, to the next value or the end of the outermost. */
static bool check_closing(scanner *scan)
{
    while (scan->depth > 0) {
        skip_blanks(scan);
        char byte = peek(scan);
        if (byte == ',') {
            scan->at++;
            return !is_in_map(scan) || check_key(scan);
        }
        if (byte != (is_in_map(scan) ? '}' : ']'))
            return false;
        scan->at++;
        scan->maps >>= 1;
        scan->depth--;
    }
    return true;
}

static bool check_value(scanner *scan)
{
    do {
        skip_blanks(scan);
        char byte = peek(scan);
        bool is_container = byte == '{' || byte == '[';
        bool is_empty = false;
        if (is_container && !check_opening(scan, byte == '{', &is_empty))
            return false;
        if (is_container && !is_empty)
            continue;
        if (!is_container && !check_scalar(scan))
            return false;
        if (!check_closing(scan))
            return false;
    } while (scan->depth > 0);
    return true;
}

bool ab_scan_compact(ab_slice text, ab_value *value, bool *is_compact)
{
    *value = (ab_value){AB_KIND_NONE, {NULL, 0}};
    if (text.length == 0)
        return false;
    scanner scan = {.at = text.bytes, .end = text.bytes + text.length};
    skip_blanks(&scan);
    const char *start = scan.at;
    scan.is_loose = false;
    if (!check_value(&scan))
        return false;
    const char *stop = scan.at;
    *is_compact = !scan.is_loose;
    skip_blanks(&scan);
    if (scan.at != scan.end)
        return false;
    *value = (ab_value){kind_of(*start), {start, (size_t)(stop - start)}};
    return true;
}

bool ab_scan(ab_slice text, ab_value *value)
{
    bool is_compact;
    return ab_scan_compact(text, value, &is_compact);
}
