/* SPDX-License-Identifier: MIT
 * Random numbers: good ones from the kernel, and a seeded sequence where a test must repeat itself. */
#ifndef AB_BASE_RANDOM_H
#define AB_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void ab_random_bytes(void *bytes, size_t length);
uint64_t ab_random_id(void);

/** A seeded sequence (xoshiro256**, not for secrets). One thread. */
typedef struct ab_dice {
    uint64_t state[4];
} ab_dice;

void ab_dice_seed(ab_dice *dice, uint64_t seed);
uint64_t ab_dice_next(ab_dice *dice);
/** Uniform in 0 .. limit - 1; 0 when limit is 0. */
uint64_t ab_dice_below(ab_dice *dice, uint64_t limit);

#endif
