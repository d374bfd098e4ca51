/* SPDX-License-Identifier: MIT
 * Reads and writes TXT strings. Knows nothing of avahi. */
#include "discovery/avahi_txt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum key {
    KEY_BUS,
    KEY_DIGEST,
    KEY_SEQ,
    KEY_COUNT,
    KEY_INTERVAL
};

static const char *const names[AB_TXT_STRINGS] = {"bus", "digest", "seq", "count", "interval"};
/* Sequence numbers stay exact in everybody's JSON. */
static const uint64_t most[AB_TXT_STRINGS] = {
    [KEY_SEQ] = (UINT64_C(1) << 53) - 1, [KEY_COUNT] = UINT32_MAX, [KEY_INTERVAL] = UINT32_MAX};

void ab_txt_write(const ab_presence *presence, char strings[AB_TXT_STRINGS][AB_TXT_LONGEST])
{
    snprintf(strings[KEY_BUS], AB_TXT_LONGEST, "bus=%016" PRIx64, presence->bus);
    snprintf(strings[KEY_DIGEST], AB_TXT_LONGEST, "digest=%016" PRIx64, presence->digest);
    snprintf(strings[KEY_SEQ], AB_TXT_LONGEST, "seq=%" PRIu64, presence->sequence);
    snprintf(strings[KEY_COUNT], AB_TXT_LONGEST, "count=%" PRIu32, presence->count);
    snprintf(strings[KEY_INTERVAL], AB_TXT_LONGEST, "interval=%" PRIu32, presence->interval);
}

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    return 16;
}

static bool read_hex(ab_slice digits, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < digits.length; i++) {
        int digit = digit_of(digits.bytes[i]);
        if (digit > 15)
            return false;
        *ret = *ret << 4 | (uint64_t)digit;
    }
    return digits.length == 16;
}

static bool read_decimal(ab_slice digits, uint64_t limit, uint64_t *ret)
{
    *ret = 0;
    if (digits.length == 0 || digits.length > 16)
        return false;
    for (size_t i = 0; i < digits.length; i++) {
        int digit = digit_of(digits.bytes[i]);
        if (digit > 9)
            return false;
        *ret = *ret * 10 + (uint64_t)digit;
    }
    return *ret <= limit;
}

static void keep(ab_presence *presence, enum key key, uint64_t number)
{
    switch (key) {
    case KEY_BUS: presence->bus = number; break;
    case KEY_DIGEST: presence->digest = number; break;
    case KEY_SEQ: presence->sequence = number; break;
    case KEY_COUNT: presence->count = (uint32_t)number; break;
    case KEY_INTERVAL: presence->interval = (uint32_t)number; break;
    }
}

void ab_txt_read(ab_txt_reader *reader, ab_slice string)
{
    const char *equals = memchr(string.bytes, '=', string.length);
    if (equals == NULL)
        return;
    size_t length = (size_t)(equals - string.bytes);
    ab_slice value = {equals + 1, string.length - length - 1};
    for (unsigned key = 0; key < AB_TXT_STRINGS; key++) {
        uint64_t number;
        /* Keys of TXT records know no case. */
        if (strlen(names[key]) != length || strncasecmp(names[key], string.bytes, length) != 0)
            continue;
        if ((reader->seen & 1U << key) != 0)
            return;
        reader->seen |= 1U << key;
        bool is_hex = key == KEY_BUS || key == KEY_DIGEST;
        if (is_hex ? read_hex(value, &number) : read_decimal(value, most[key], &number))
            keep(&reader->presence, key, number);
        else
            reader->bad |= 1U << key;
    }
}

bool ab_txt_finish(const ab_txt_reader *reader, uint16_t port, ab_presence *presence)
{
    *presence = reader->presence;
    presence->port = port;
    return reader->seen == (1U << AB_TXT_STRINGS) - 1 && reader->bad == 0 && port != 0;
}

bool ab_txt_is_same(const ab_presence *a, const ab_presence *b)
{
    return a->bus == b->bus && a->sequence == b->sequence && a->digest == b->digest &&
           a->count == b->count && a->interval == b->interval;
}
