/* SPDX-License-Identifier: MIT
 * Memory of one size that is used again instead of being freed: for what comes and goes in great numbers, more of it at
 * a time than the C library keeps at hand. A few pieces are kept, no more; each is one of malloc()'s, and may be freed
 * as well. */
#ifndef AB_BASE_SPARES_H
#define AB_BASE_SPARES_H

#include <stddef.h>

#define AB_SPARES_MOST 64

typedef struct ab_spares {
    void *first; /**< each begins with the address of the next */
    unsigned count;
} ab_spares;

void ab_spares_init(ab_spares *spares);
void ab_spares_fini(ab_spares *spares);
/** A piece of this size, the same each time, of which so many bytes are zero. */
void *ab_spares_take(ab_spares *spares, size_t size, size_t zero);
/** Back, or freed. */
void ab_spares_give(ab_spares *spares, void *piece);

#endif
