/* SPDX-License-Identifier: MIT
 * How often something may happen: a token bucket in one number, and a table of them for many sources. The
 * table has a fixed size and forgets whoever is pushed out of it; its places are keyed, so that nobody can
 * choose to share one. */
#ifndef AB_DIRECTORY_RATE_H
#define AB_DIRECTORY_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/hash.h"

/** One thing every `each`, and `burst` of them at once. */
typedef struct ab_rate {
    ab_time each;
    unsigned burst;
} ab_rate;

/** When the bucket would be full again; a bucket of zero is full. */
typedef struct ab_bucket {
    ab_time full_at;
} ab_bucket;

/** Takes one token if there is one. */
bool ab_bucket_take(ab_bucket *bucket, ab_rate rate, ab_time now);
/** Takes `tokens` without asking; returns when the bucket may next be asked for one. */
ab_time ab_bucket_owe(ab_bucket *bucket, ab_rate rate, ab_time now, size_t tokens);

typedef struct ab_rate_slot {
    uint64_t who; /**< 0: nobody */
    ab_bucket bucket;
} ab_rate_slot;

typedef struct ab_rate_table {
    ab_hash_key key;
    ab_rate rate;
    size_t size; /**< a power of two */
    ab_rate_slot *slots;
} ab_rate_table;

void ab_rate_table_init(ab_rate_table *table, ab_hash_key key, ab_rate rate, size_t size);
void ab_rate_table_fini(ab_rate_table *table);
/** Takes a token of whoever these bytes name. */
bool ab_rate_table_take(ab_rate_table *table, const void *who, size_t length, ab_time now);

#endif
