/* SPDX-License-Identifier: MIT
 * A stack of free pieces: what was used last is used first. */
#include "base/spares.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void ab_spares_init(ab_spares *spares)
{
    *spares = (ab_spares){0};
}

static void *pop(ab_spares *spares)
{
    void *piece = spares->first;
    memcpy(&spares->first, piece, sizeof spares->first);
    spares->count--;
    return piece;
}

void ab_spares_fini(ab_spares *spares)
{
    while (spares->count > 0)
        free(pop(spares));
}

void *ab_spares_take(ab_spares *spares, size_t size, size_t zero)
{
    return spares->count > 0 ? memset(pop(spares), 0, zero) : ab_alloc(1, size);
}

void ab_spares_give(ab_spares *spares, void *piece)
{
    if (spares->count == AB_SPARES_MOST) {
        free(piece);
        return;
    }
    memcpy(piece, &spares->first, sizeof spares->first);
    spares->first = piece;
    spares->count++;
}
