/* SPDX-License-Identifier: MIT
 * SipHash-2-4 (Aumasson and Bernstein, 2012): one keyed 64-bit hash for maps and for the wire's digests. */
#ifndef AB_BASE_HASH_H
#define AB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct ab_hash_key {
    uint64_t low, high;
} ab_hash_key;

uint64_t ab_hash(ab_hash_key key, const void *bytes, size_t length);
/** The process's own secret key, drawn once. */
ab_hash_key ab_hash_secret(void);

#endif
