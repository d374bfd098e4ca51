/* SPDX-License-Identifier: MIT
 * Bytes to another place, of which there may be many. memcpy() may leave many to `rep movsb`, which some processors
 * take fifteen times as long for if, of their pages, the one place begins up to 15 bytes behind the other: as does a
 * text on the heap behind the buffer before it. There glibc begins with it at 2,112 bytes; and a compiler may at fewer,
 * if it knows how few. */
#ifndef AB_BASE_COPY_H
#define AB_BASE_COPY_H

#include <stddef.h>
#include <string.h>

#include "base/compiler.h"

#define AB_COPY_FEW 2048

/** For the one below. */
void ab_copy_many(char *to, const char *from, size_t length);
/** The two do not overlap; without a length they may be NULL. */
static inline void ab_copy(void *to, const void *from, size_t length)
{
    if (length > AB_COPY_FEW) {
        ab_copy_many(to, from, length);
    } else if (length > 0) {
        AB_OPAQUE(length);
        memcpy(to, from, length);
    }
}

#endif
