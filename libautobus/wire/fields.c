/* SPDX-License-Identifier: MIT
 * Members of a map in one pass. A datagram has up to sixteen known keys and can be 16 KiB long: asking for
 * each of them by itself would read it sixteen times. */
#include "wire/fields.h"

#include <inttypes.h>
#include <string.h>

/* "\u0061" for each letter. */
#define LONGEST_ESCAPE 6

/* The key with its escapes undone if it may be one of ours, else an empty slice. */
static ab_slice plain_key(ab_slice key, char room[LONGEST_ESCAPE * AB_FIELD_NAME])
{
    if (key.length > LONGEST_ESCAPE * (AB_FIELD_NAME - 1))
        return (ab_slice){key.bytes, 0};
    /* The quotes are there: the key is a part of a checked map. */
    ab_value string = {AB_KIND_STRING, {key.bytes - 1, key.length + 2}};
    return (ab_slice){room, ab_scan_string(string, room)};
}

static void note(const ab_member *member, const ab_slice names[], size_t count, ab_value found[])
{
    char room[LONGEST_ESCAPE * AB_FIELD_NAME];
    ab_slice key = member->has_escape ? plain_key(member->key, room) : member->key;
    for (size_t i = 0; i < count; i++) {
        /* Few names of one length begin alike. */
        if (key.length == names[i].length && key.bytes[0] == names[i].bytes[0] &&
            memcmp(key.bytes, names[i].bytes, key.length) == 0)
            found[i] = member->value;
    }
}

void ab_fields_find(ab_value map, const ab_slice names[], size_t count, ab_value found[])
{
    memset(found, 0, count * sizeof found[0]);
    ab_members members;
    ab_member member;
    ab_members_begin(&members, map);
    while (ab_members_next(&members, &member.key, &member.value)) {
        member.has_escape = memchr(member.key.bytes, '\\', member.key.length) != NULL;
        note(&member, names, count, found);
    }
}

void ab_fields_pick(const ab_member members[], size_t members_count, const ab_slice names[],
                    size_t count, ab_value found[])
{
    memset(found, 0, count * sizeof found[0]);
    for (size_t i = 0; i < members_count; i++)
        note(&members[i], names, count, found);
}

bool ab_field_number(ab_value value, int64_t most, uint64_t *ret)
{
    int64_t number;
    if (!ab_scan_integer(value, &number) || number < 0 || number > most)
        return false;
    *ret = (uint64_t)number;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool ab_field_hex(ab_value value, uint64_t *ret)
{
    if (value.kind != AB_KIND_STRING || value.text.length != 18)
        return false;
    uint64_t number = 0;
    for (size_t i = 1; i <= 16; i++) {
        int digit = hex_digit(value.text.bytes[i]);
        if (digit < 0)
            return false;
        number = number << 4 | (uint64_t)digit;
    }
    *ret = number;
    return true;
}

bool ab_field_service(ab_value value, ab_slice *written)
{
    if (value.kind != AB_KIND_STRING || value.text.length <= 2 ||
        value.text.length > LONGEST_ESCAPE * AB_FIELD_ID + 2)
        return false;
    *written = (ab_slice){value.text.bytes + 1, value.text.length - 2};
    if (memchr(written->bytes, '\\', written->length) == NULL)
        return written->length <= AB_FIELD_ID;
    char plain[LONGEST_ESCAPE * AB_FIELD_ID + 2];
    size_t length = ab_scan_string(value, plain);
    return length <= AB_FIELD_ID && memchr(plain, '\0', length) == NULL;
}

void ab_field_write_hex(ab_buffer *out, uint64_t number)
{
    ab_buffer_appendf(out, "\"%016" PRIx64 "\"", number);
}
