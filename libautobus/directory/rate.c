/* SPDX-License-Identifier: MIT
 * Token buckets. Knows no packet and no address. */
#include "directory/rate.h"

#include <stdlib.h>

#include "base/error.h"

bool ab_bucket_take(ab_bucket *bucket, ab_rate rate, ab_time now)
{
    ab_time full_at = AB_MAX(bucket->full_at, now) + rate.each;
    if (full_at - now > rate.each * rate.burst)
        return false;
    bucket->full_at = full_at;
    return true;
}

ab_time ab_bucket_owe(ab_bucket *bucket, ab_rate rate, ab_time now, size_t tokens)
{
    bucket->full_at = AB_MAX(bucket->full_at, now) + rate.each * (ab_time)tokens;
    return AB_MAX(now, bucket->full_at - rate.each * ((ab_time)rate.burst - 1));
}

void ab_rate_table_init(ab_rate_table *table, ab_hash_key key, ab_rate rate, size_t size)
{
    *table = (ab_rate_table){key, rate, size, ab_alloc(size, sizeof(ab_rate_slot))};
}

void ab_rate_table_fini(ab_rate_table *table)
{
    free(table->slots);
    *table = (ab_rate_table){0};
}

bool ab_rate_table_take(ab_rate_table *table, const void *who, size_t length, ab_time now)
{
    uint64_t hash = ab_hash(table->key, who, length) | 1;
    ab_rate_slot *slot = &table->slots[hash >> 1 & (table->size - 1)];
    if (slot->who != hash)
        *slot = (ab_rate_slot){.who = hash};
    return ab_bucket_take(&slot->bucket, table->rate, now);
}
