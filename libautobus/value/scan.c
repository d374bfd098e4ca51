/* SPDX-License-Identifier: MIT
 * The checking pass: is this JSON? Everything that reads a value later trusts it. Knows no members and no
 * meaning. What is open is one bit a level (map or list), so hostile nesting costs nothing. */
#include "value/scan.h"

#include <endian.h>
#include <string.h>

#include "base/compiler.h"
#include "value/utf8.h"

/* The members of the outermost map. */
typedef struct notebook {
    ab_member *members;
    size_t room, count;
} notebook;

typedef struct scanner {
    const char *at, *end;
    uint64_t maps; /* a bit for each open level: 1 map, 0 list; the innermost is the lowest */
    unsigned depth;
    bool is_loose;   /* not compact */
    notebook *notes; /* NULL: nobody asks for the members */
} scanner;

/* What looks at single bytes takes a scanner, whose members a compiler keeps in registers as long as nobody is given
 * its address: so all of that is inline, and what walks through a string is not, and is given two pointers. */

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* The byte here; '\0', which is nowhere right, at the end. */
static inline char peek(const scanner *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

/* The same, behind blanks. Mostly there are none, and one look tells. */
static inline char skip_blanks(scanner *scan)
{
    while (scan->at < scan->end) {
        char byte = *scan->at;
        if ((unsigned char)byte > ' ' || !is_blank(byte))
            return byte;
        scan->is_loose = true;
        scan->at++;
    }
    return '\0';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* From a backslash to behind its escape; NULL: it is none. */
static const char *check_escape(const char *at, const char *end)
{
    if (end - at < 2 || at[1] == '\0' || strchr("\"\\/bfnrtu", at[1]) == NULL)
        return NULL;
    if (at[1] != 'u')
        return at + 2;
    if (end - at < 6)
        return NULL;
    for (int i = 2; i < 6; i++)
        if (!is_hex(at[i]))
            return NULL;
    return at + 6;
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
    if ((marks[0] | marks[1]) == 0)
        return sizeof bytes;
    return marks[0] != 0 ? (size_t)__builtin_ctzll(le64toh(marks[0])) / 8
                         : 8 + (size_t)__builtin_ctzll(le64toh(marks[1])) / 8;
}

/* From behind the opening quote over everything that is plain. */
static inline const char *skip_plain(const char *at, const char *end)
{
    if (end - at >= (ptrdiff_t)sizeof(block)) {
        const char *last = end - sizeof(block);
        do {
            size_t plain = count_plain(at);
            at += plain;
            if (plain < sizeof(block))
                return at;
        } while (at <= last);
    }
    while (at < end && (signed char)*at >= ' ' && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* What is not plain in a string, and no quote: to behind it; NULL: it may not stand there. */
static const char *check_special(const char *at, const char *end, bool *has_escape)
{
    uint32_t code;
    if (at < end && *at == '\\') {
        *has_escape = true;
        return check_escape(at, end);
    }
    size_t length = at == end || (unsigned char)*at < ' ' ? 0 : ab_utf8_decode(at, end, &code);
    return length > 0 ? at + length : NULL;
}

static AB_NOINLINE const char *check_odd_string(const char *at, const char *end, bool *has_escape)
{
    while (at != NULL && (at == end || *at != '"')) {
        at = check_special(at, end, has_escape);
        if (at != NULL)
            at = skip_plain(at, end);
    }
    return at != NULL ? at + 1 : NULL;
}

/* From a quote to behind the one that closes; NULL: it is no string. *has_escape is set if it has one. Most are plain
 * from end to end. */
static const char *check_string(const char *at, const char *end, bool *has_escape)
{
    at = skip_plain(at + 1, end);
    return at < end && *at == '"' ? at + 1 : check_odd_string(at, end, has_escape);
}

static inline bool check_word(scanner *scan, const char *word, size_t length)
{
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

/* What is no number is none in JSON. */
static inline bool check_token(scanner *scan, const char *word, size_t length)
{
    scan->is_loose = true;
    return check_word(scan, word, length);
}

static inline bool check_digits(scanner *scan)
{
    if (!is_digit(peek(scan)))
        return false;
    while (is_digit(peek(scan)))
        scan->at++;
    return true;
}

static inline bool check_number(scanner *scan)
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

static inline bool pass_string(scanner *scan, bool *has_escape)
{
    scan->at = check_string(scan->at, scan->end, has_escape);
    return scan->at != NULL;
}

static inline bool check_scalar(scanner *scan, char first)
{
    bool has_escape;
    if (first == '"')
        return pass_string(scan, &has_escape);
    switch (first) {
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

static inline bool is_in_map(const scanner *scan)
{
    return (scan->maps & 1) != 0;
}

static inline bool is_in_members(const scanner *scan)
{
    return scan->depth == 1 && scan->notes != NULL && is_in_map(scan);
}

/* Where the latest member is noted. The last place takes all there is no room for. */
static ab_member *latest_of(const notebook *notes)
{
    return &notes->members[AB_MIN(notes->count, notes->room)];
}

/* From before a key to its value. */
static inline bool check_key(scanner *scan)
{
    char first = skip_blanks(scan);
    const char *key = scan->at + 1;
    bool has_escape = false;
    if (first != '"' || !pass_string(scan, &has_escape))
        return false;
    size_t length = (size_t)(scan->at - key) - 1;
    if (skip_blanks(scan) != ':')
        return false;
    scan->at++;
    first = skip_blanks(scan);
    if (is_in_members(scan))
        *latest_of(scan->notes) = (ab_member){
            .key = {key, length},
            .has_escape = has_escape,
            .value = {kind_of(first), {scan->at, 0}},
        };
    return true;
}

/* A value has ended here. */
static inline void note_end(scanner *scan)
{
    if (!is_in_members(scan))
        return;
    ab_slice *text = &latest_of(scan->notes)->value.text;
    text->length = (size_t)(scan->at - text->bytes);
    scan->notes->count++;
}

/* Enters a container. *is_empty: it is closed already. */
static inline bool check_opening(scanner *scan, bool is_map, bool *is_empty)
{
    *is_empty = false;
    if (scan->depth == AB_SCAN_DEPTH)
        return false;
    if (++scan->depth == AB_SCAN_DEPTH)
        scan->is_loose = true;
    scan->maps = scan->maps << 1 | is_map;
    scan->at++;
    *is_empty = skip_blanks(scan) == (is_map ? '}' : ']');
    return true;
}

/* From behind a value over everything that ends with it, to the next value, or its key, or the end of the outermost. */
static inline bool check_closing(scanner *scan)
{
    while (scan->depth > 0) {
        char byte = skip_blanks(scan);
        if (byte == ',') {
            scan->at++;
            return true;
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

static inline bool check_value(scanner *scan)
{
    do {
        if (is_in_map(scan) && !check_key(scan))
            return false;
        char byte = skip_blanks(scan);
        bool is_container = byte == '{' || byte == '[';
        bool is_empty = false;
        if (is_container && !check_opening(scan, byte == '{', &is_empty))
            return false;
        if (is_container && !is_empty)
            continue;
        if (!is_container && !check_scalar(scan, byte))
            return false;
        if (!is_container)
            note_end(scan);
        if (!check_closing(scan))
            return false;
    } while (scan->depth > 0);
    return true;
}

static bool scan_all(ab_slice text, notebook *notes, ab_value *value, bool *is_compact)
{
    scanner scan = {.at = text.bytes, .end = text.bytes + text.length, .notes = notes};
    *value = (ab_value){AB_KIND_NONE, {NULL, 0}};
    char first = skip_blanks(&scan);
    const char *start = scan.at;
    scan.is_loose = false;
    if (!check_value(&scan))
        return false;
    ab_slice own = {start, (size_t)(scan.at - start)};
    *is_compact = !scan.is_loose;
    (void)skip_blanks(&scan);
    if (scan.at != scan.end)
        return false;
    *value = (ab_value){kind_of(first), own};
    return true;
}

bool ab_scan(ab_slice text, ab_value *value)
{
    bool is_compact;
    return scan_all(text, NULL, value, &is_compact);
}

bool ab_scan_compact(ab_slice text, ab_value *value, bool *is_compact)
{
    *is_compact = false;
    return scan_all(text, NULL, value, is_compact);
}

bool ab_scan_members(ab_slice text, ab_value *map, ab_member members[], size_t room, size_t *count)
{
    bool is_compact;
    notebook notes = {.members = members, .room = room - 1};
    bool is_right = scan_all(text, &notes, map, &is_compact);
    *count = notes.count;
    return is_right && map->kind == AB_KIND_MAP;
}
