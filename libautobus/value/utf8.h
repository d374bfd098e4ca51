/* SPDX-License-Identifier: MIT
 * UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef AB_VALUE_UTF8_H
#define AB_VALUE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define AB_UTF8_REPLACEMENT 0xfffdU

/** The length (1..4) of the character at `at`, which is before `end`; 0 if it is malformed or cut off. */
size_t ab_utf8_decode(const char *at, const char *end, uint32_t *code);
/** Writes a character that may be written; returns its length. */
size_t ab_utf8_encode(uint32_t code, char out[4]);

#endif
