/* SPDX-License-Identifier: MIT
 * One character in, one character out. Knows no JSON. */
#include "value/utf8.h"

#include <stdbool.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t ab_utf8_decode(const char *at, const char *end, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    uint32_t first = bytes[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (first < 0xe0) {
        if (first < 0xc2 || left < 2 || !is_continuation(bytes[1]))
            return 0;
        *code = (first & 0x1f) << 6 | (bytes[1] & 0x3fU);
        return 2;
    }
    if (first < 0xf0) {
        if (left < 3 || !is_continuation(bytes[1]) || !is_continuation(bytes[2]))
            return 0;
        *code = (first & 0x0f) << 12 | (bytes[1] & 0x3fU) << 6 | (bytes[2] & 0x3fU);
        bool is_surrogate = *code >= 0xd800 && *code < 0xe000;
        return *code < 0x800 || is_surrogate ? 0 : 3;
    }
    if (first > 0xf4 || left < 4 || !is_continuation(bytes[1]) || !is_continuation(bytes[2]) ||
        !is_continuation(bytes[3]))
        return 0;
    *code = (first & 0x07) << 18 | (bytes[1] & 0x3fU) << 12 | (bytes[2] & 0x3fU) << 6 |
            (bytes[3] & 0x3fU);
    return *code < 0x10000 || *code > 0x10ffff ? 0 : 4;
}

size_t ab_utf8_encode(uint32_t code, char out[4])
{
    unsigned char *bytes = (unsigned char *)out;
    if (code < 0x80) {
        bytes[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        bytes[0] = (unsigned char)(0xc0 | code >> 6);
        bytes[1] = (unsigned char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        bytes[0] = (unsigned char)(0xe0 | code >> 12);
        bytes[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        bytes[2] = (unsigned char)(0x80 | (code & 0x3f));
        return 3;
    }
    bytes[0] = (unsigned char)(0xf0 | code >> 18);
    bytes[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
    bytes[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
    bytes[3] = (unsigned char)(0x80 | (code & 0x3f));
    return 4;
}
