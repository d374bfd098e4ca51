/* SPDX-License-Identifier: MIT
 * The checking pass: is this JSON? Everything that reads a value later trusts it. Knows no members and no
 * meaning. What is open is one bit a level (map or list), so hostile nesting costs nothing. */
#include "value/scan.h"

#include <endian.h>
#include <string.h>

#include "base/compiler.h"
#include "value/utf8.h"

typedef struct scanner {
    const char *at, *end;
    uint64_t maps; /* a bit for each open level: 1 map, 0 list; the innermost is the lowest */
    unsigned depth;
    bool is_loose;   /* not compact */
    bool has_escape; /* set by the string that has one */
    ab_member
        *members; /* of the outermost map, for so many there is room; NULL: nobody asks for them */
    size_t room, count;
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
    scan->has_escape = true;
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

typedef signed char block AB_VECTOR(16);

/* How many of the sixteen bytes here come before the first that is not plain: a quote, a backslash, a control
 * character, or not ASCII, which is negative. */
static inline size_t count_plain(const char *at)
{
    block bytes;
    uint64_t marks[2];
    memcpy(&bytes, at, sizeof bytes);
    block special = (bytes < ' ') | (bytes == '"') | (bytes == '\\');
    memcpy(marks, &special, sizeof marks);
    if (marks[0] != 0)
        return (size_t)__builtin_ctzll(le64toh(marks[0])) / 8;
    if (marks[1] != 0)
        return 8 + (size_t)__builtin_ctzll(le64toh(marks[1])) / 8;
    return sizeof bytes;
}

/* From behind the opening quote over everything that is plain. */
static inline const char *skip_plain(const char *at, const char *end)
{
    while (end - at >= (ptrdiff_t)sizeof(block)) {
        size_t plain = count_plain(at);
        at += plain;
        if (plain < sizeof(block))
            return at;
    }
    while (at < end && (signed char)*at >= ' ' && *at != '"' && *at != '\\')
        at++;
    return at;
}

static bool check_string(scanner *scan)
{
    scan->at++;
    for (;;) {
        scan->at = skip_plain(scan->at, scan->end);
        if (scan->at == scan->end)
            return false;
        unsigned char byte = (unsigned char)*scan->at;
        if (byte == '"') {
            scan->at++;
            return true;
        }
        if (byte == '\\') {
            if (!check_escape(scan))
                return false;
        } else {
            uint32_t code;
            size_t length = byte < ' ' ? 0 : ab_utf8_decode(scan->at, scan->end, &code);
            if (length == 0)
                return false;
            scan->at += length;
        }
    }
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

static bool is_in_map(const scanner *scan)
{
    return (scan->maps & 1) != 0;
}

static bool is_in_members(const scanner *scan)
{
    return scan->depth == 1 && scan->members != NULL && is_in_map(scan);
}

/* Where the latest member is noted. The last place takes all there is no room for. */
static ab_member *member_of(const scanner *scan)
{
    return &scan->members[AB_MIN(scan->count, scan->room)];
}

/* From before a key to its value. */
static bool check_key(scanner *scan)
{
    skip_blanks(scan);
    const char *key = scan->at + 1;
    scan->has_escape = false;
    if (peek(scan) != '"' || !check_string(scan))
        return false;
    size_t length = (size_t)(scan->at - key) - 1;
    skip_blanks(scan);
    if (peek(scan) != ':')
        return false;
    scan->at++;
    skip_blanks(scan);
    if (is_in_members(scan))
        *member_of(scan) = (ab_member){
            .key = {key, length},
            .has_escape = scan->has_escape,
            .value = {kind_of(peek(scan)), {scan->at, 0}},
        };
    return true;
}

/* A value has ended here. */
static void note_end(scanner *scan)
{
    if (!is_in_members(scan))
        return;
    ab_slice *text = &member_of(scan)->value.text;
    text->length = (size_t)(scan->at - text->bytes);
    scan->count++;
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
        note_end(scan);
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
        if (!is_container)
            note_end(scan);
        if (!check_closing(scan))
            return false;
    } while (scan->depth > 0);
    return true;
}

static bool scan_all(scanner *scan, ab_value *value)
{
    *value = (ab_value){AB_KIND_NONE, {NULL, 0}};
    if (scan->at == scan->end)
        return false;
    skip_blanks(scan);
    const char *start = scan->at;
    scan->is_loose = false;
    if (!check_value(scan))
        return false;
    const char *stop = scan->at;
    bool is_loose = scan->is_loose;
    skip_blanks(scan);
    if (scan->at != scan->end)
        return false;
    scan->is_loose = is_loose;
    *value = (ab_value){kind_of(*start), {start, (size_t)(stop - start)}};
    return true;
}

bool ab_scan(ab_slice text, ab_value *value)
{
    scanner scan = {.at = text.bytes, .end = text.bytes + text.length};
    return scan_all(&scan, value);
}

bool ab_scan_compact(ab_slice text, ab_value *value, bool *is_compact)
{
    scanner scan = {.at = text.bytes, .end = text.bytes + text.length};
    bool is_right = scan_all(&scan, value);
    *is_compact = !scan.is_loose;
    return is_right;
}

bool ab_scan_members(ab_slice text, ab_value *map, ab_member members[], size_t room, size_t *count)
{
    scanner scan = {
        .at = text.bytes,
        .end = text.bytes + text.length,
        .members = members,
        .room = room - 1,
    };
    bool is_right = scan_all(&scan, map);
    *count = scan.count;
    return is_right && map->kind == AB_KIND_MAP;
}
