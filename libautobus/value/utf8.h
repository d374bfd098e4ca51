/* SPDX-License-Identifier: MIT
 * UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef AB_VALUE_UTF8_H
#define AB_VALUE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AB_UTF8_REPLACEMENT 0xfffdU

/** Most texts are, and need no look at each character. */
static inline bool ab_utf8_is_ascii(const char *bytes, size_t length)
{
    uint64_t word, any = 0;
    for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        any |= word;
    }
    while (length > 0)
        any |= (unsigned char)bytes[--length];
    return (any & 0x8080808080808080U) == 0;
}

/** The length (1..4) of the character at `at`, which is before `end`; 0 if it is malformed or cut off. */
size_t ab_utf8_decode(const char *at, const char *end, uint32_t *code);
/** Writes a character that may be written; returns its length. */
size_t ab_utf8_encode(uint32_t code, char out[4]);

#endif
