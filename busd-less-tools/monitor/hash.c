/* SPDX-License-Identifier: MIT
 * FNV-1a, of 64 bits. */
#include "monitor/hash.h"

uint64_t monitor_hash(uint64_t before, const char *text)
{
    uint64_t hash = before ^ UINT64_C(0xcbf29ce484222325);
    for (const char *at = text; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    return hash;
}
