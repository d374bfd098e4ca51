/* SPDX-License-Identifier: MIT
 * The calls that are under way on a link, by their number. Numbers are the link's own, one after the other, so their
 * lowest bits spread them well, and nobody outside can choose them. */
#ifndef AB_PEER_CALLS_H
#define AB_PEER_CALLS_H

#include "peer/link.h"

typedef struct ab_calls {
    ab_call *
        *rows;    /**< a chain for each of the numbers that end alike; NULL before the first call */
    size_t width; /**< how many chains, a power of two */
    size_t count;
} ab_calls;

void ab_calls_init(ab_calls *calls);
/** Forgets them. */
void ab_calls_fini(ab_calls *calls);
/** One whose number is not there yet. */
void ab_calls_put(ab_calls *calls, ab_call *call);
/** Takes it out; NULL: there is none with this number. */
ab_call *ab_calls_take(ab_calls *calls, uint64_t id);
/** All their numbers, the oldest first, `count` of them; to be freed. */
uint64_t *ab_calls_numbers(const ab_calls *calls);

#endif
