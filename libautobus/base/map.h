/* SPDX-License-Identifier: MIT
 * A hash map from bytes to a pointer. Keys are kept by reference: they live in the value. Hashes are keyed
 * with a secret of the process, so nobody outside can choose collisions. */
#ifndef AB_BASE_MAP_H
#define AB_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

typedef struct ab_map_slot {
    const void *key; /**< NULL: free */
    size_t length;
    uint64_t hash;
    void *value;
} ab_map_slot;

typedef struct ab_map {
    ab_map_slot *slots; /**< open addressing, linear, backward-shift deletion */
    size_t capacity;    /**< 0 or a power of two */
    size_t count;
} ab_map;

void ab_map_init(ab_map *map);
/** Frees the table, not the values. */
void ab_map_fini(ab_map *map);
/** The value, or NULL. */
void *ab_map_get(const ab_map *map, const void *key, size_t length);
/** Sets it; the previous value (NULL: none) comes back. The new key replaces the old one. */
void *ab_map_put(ab_map *map, const void *key, size_t length, void *value);
/** Removes it; the value comes back, or NULL. Shrinks when three quarters are empty. */
void *ab_map_take(ab_map *map, const void *key, size_t length);
/** Walks in no order: start with 0; NULL at the end. No put or take on the way. */
void *ab_map_next(const ab_map *map, size_t *cursor);

#endif
