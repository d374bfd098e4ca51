/* SPDX-License-Identifier: MIT
 * Walking the members of a checked map or list. Trusts the check: it looks only for where things end, which
 * is what makes filters fast. */
#include "value/scan.h"

#include <endian.h>
#include <string.h>

#include "value/string.h"

static const ab_value nothing = {AB_KIND_NONE, {NULL, 0}};

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

/* Marks the bytes of `word` that equal `byte`: the lowest mark is right, higher ones may be false. */
static inline uint64_t mark_bytes(uint64_t word, unsigned char byte)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t zero_there = word ^ ones * byte;
    return (zero_there - ones) & ~zero_there & ones << 7;
}

/* From a string's first byte behind the quote to its closing quote, eight bytes at a time. */
static inline const char *skip_string(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        word = le64toh(word);
        uint64_t marks = mark_bytes(word, '"') | mark_bytes(word, '\\');
        if (marks == 0) {
            at += 8;
            continue;
        }
        at += __builtin_ctzll(marks) / 8;
        if (*at == '"')
            return at;
        at += 2;
    }
    while (*at != '"')
        at += *at == '\\' ? 2 : 1;
    return at;
}

/* From a container's first byte to behind its last. */
static const char *skip_container(const char *at, const char *end)
{
    unsigned depth = 0;
    do {
        char byte = *at++;
        if (byte == '"')
            at = skip_string(at, end) + 1;
        else if (byte == '{' || byte == '[')
            depth++;
        else if (byte == '}' || byte == ']')
            depth--;
    } while (depth > 0);
    return at;
}

static inline const char *skip_word(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != '}' && *at != ']' && !is_blank(*at))
        at++;
    return at;
}

static inline ab_value value_at(const char *at, const char *end)
{
    ab_kind kind;
    const char *stop;
    switch (*at) {
    case '"':
        kind = AB_KIND_STRING;
        stop = skip_string(at + 1, end) + 1;
        break;
    case '{':
    case '[':
        kind = *at == '{' ? AB_KIND_MAP : AB_KIND_LIST;
        stop = skip_container(at, end);
        break;
    default:
        kind = *at == 't'   ? AB_KIND_TRUE
               : *at == 'f' ? AB_KIND_FALSE
               : *at == 'n' ? AB_KIND_NULL
                            : AB_KIND_NUMBER;
        stop = skip_word(at, end);
    }
    return (ab_value){kind, {at, (size_t)(stop - at)}};
}

void ab_members_begin(ab_members *members, ab_value container)
{
    *members = (ab_members){.is_map = container.kind == AB_KIND_MAP};
    if (container.kind != AB_KIND_MAP && container.kind != AB_KIND_LIST)
        return;
    members->at = container.text.bytes + 1;
    members->end = container.text.bytes + container.text.length - 1;
}

static inline bool next_member(ab_members *members, ab_slice *key, ab_value *value)
{
    if (members->at == NULL)
        return false;
    const char *at = skip_blanks(members->at);
    if (at < members->end && *at == ',')
        at = skip_blanks(at + 1);
    if (at >= members->end) {
        members->at = NULL;
        return false;
    }
    if (members->is_map) {
        const char *stop = skip_string(at + 1, members->end);
        *key = (ab_slice){at + 1, (size_t)(stop - at - 1)};
        at = skip_blanks(skip_blanks(stop + 1) + 1);
    }
    *value = value_at(at, members->end);
    members->at = at + value->text.length;
    return true;
}

bool ab_members_next(ab_members *members, ab_slice *key, ab_value *value)
{
    *key = (ab_slice){"", 0};
    return next_member(members, key, value);
}

/* Escapes only ever shorten: as long as the key, it can only read so if it has none. */
static inline bool is_key(ab_slice name, ab_slice key)
{
    if (name.length < key.length)
        return false;
    if (name.length > key.length)
        return memchr(name.bytes, '\\', name.length) != NULL && ab_string_reads(name, key);
    return memcmp(name.bytes, key.bytes, key.length) == 0 &&
           memchr(key.bytes, '\\', key.length) == NULL;
}

ab_value ab_scan_member(ab_value map, ab_slice key)
{
    ab_value found = nothing;
    if (map.kind != AB_KIND_MAP)
        return found;
    ab_members members;
    ab_members_begin(&members, map);
    ab_slice name;
    ab_value value;
    /* To the end: of duplicates the last one counts. */
    while (next_member(&members, &name, &value))
        if (is_key(name, key))
            found = value;
    return found;
}

/* In one walk the member that has the whole path as its key, and the one that its first word leads to. */
static ab_value find_either(ab_value map, ab_slice path, ab_slice head, ab_value *way)
{
    ab_value found = nothing;
    *way = nothing;
    ab_members members;
    ab_members_begin(&members, map);
    ab_slice name;
    ab_value value;
    while (next_member(&members, &name, &value)) {
        if (is_key(name, head))
            *way = value;
        else if (is_key(name, path))
            found = value;
    }
    return found;
}

ab_value ab_scan_path(ab_value map, ab_slice path)
{
    while (map.kind == AB_KIND_MAP) {
        const char *dot = memchr(path.bytes, '.', path.length);
        if (dot == NULL)
            return ab_scan_member(map, path);
        ab_slice head = {path.bytes, (size_t)(dot - path.bytes)};
        ab_value way, found = find_either(map, path, head, &way);
        if (found.kind != AB_KIND_NONE)
            return found;
        path = (ab_slice){dot + 1, path.length - head.length - 1};
        map = way;
    }
    return nothing;
}
