/* SPDX-License-Identifier: MIT
 * Randomness from the kernel, and the dice of tests and jitter: xoshiro256** (Blackman and Vigna, 2018)
 * seeded through splitmix64, as its authors advise. */
#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void ab_random_bytes(void *bytes, size_t length)
{
    char *at = bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            /* Ids and hash keys that an enemy can guess are worse than no program. */
            perror("autobus: the kernel gives no random numbers");
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

uint64_t ab_random_id(void)
{
    uint64_t id = 0;
    while (id == 0)
        ab_random_bytes(&id, sizeof id);
    return id;
}

static uint64_t rotate_left(uint64_t word, unsigned by)
{
    return word << by | word >> (64 - by);
}

void ab_dice_seed(ab_dice *dice, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15U;
        uint64_t mixed = seed;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
        dice->state[i] = mixed ^ mixed >> 31;
    }
}

uint64_t ab_dice_next(ab_dice *dice)
{
    uint64_t *state = dice->state;
    uint64_t thrown = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return thrown;
}

uint64_t ab_dice_below(ab_dice *dice, uint64_t limit)
{
    if (limit == 0)
        return 0;
    /* 2^64 is seldom a multiple of the limit: the few numbers that don't divide evenly are thrown again. */
    uint64_t uneven = (0 - limit) % limit;
    uint64_t thrown;
    do
        thrown = ab_dice_next(dice);
    while (thrown < uneven);
    return thrown % limit;
}
