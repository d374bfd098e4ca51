/* SPDX-License-Identifier: MIT
 * The hash map: linear probing, and deletion that leaves no tombstones. Knows keys as bytes only. */
#include "base/map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"

#define SMALLEST 8

void ab_map_init(ab_map *map)
{
    *map = (ab_map){0};
}

void ab_map_fini(ab_map *map)
{
    free(map->slots);
    ab_map_init(map);
}

static uint64_t hash_key(const void *key, size_t length)
{
    return ab_hash(ab_hash_secret(), key, length);
}

/* The slot that has this key, or the free one where it belongs. There is always a free one. */
static ab_map_slot *find_slot(const ab_map *map, uint64_t hash, const void *key, size_t length)
{
    size_t mask = map->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        ab_map_slot *slot = &map->slots[at];
        if (slot->key == NULL)
            return slot;
        if (slot->hash == hash && slot->length == length &&
            (length == 0 || memcmp(slot->key, key, length) == 0))
            return slot;
    }
}

static void resize(ab_map *map, size_t capacity)
{
    ab_map old = *map;
    map->slots = ab_alloc(capacity, sizeof *map->slots);
    map->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        const ab_map_slot *slot = &old.slots[i];
        if (slot->key != NULL)
            *find_slot(map, slot->hash, slot->key, slot->length) = *slot;
    }
    free(old.slots);
}

/* The value in the smallest table; to look at all there are costs less than a hash. */
static void *find_among_few(const ab_map *map, const void *key, size_t length)
{
    for (size_t at = 0; at < SMALLEST; at++) {
        const ab_map_slot *slot = &map->slots[at];
        if (slot->key != NULL && slot->length == length &&
            (length == 0 || memcmp(slot->key, key, length) == 0))
            return slot->value;
    }
    return NULL;
}

void *ab_map_get(const ab_map *map, const void *key, size_t length)
{
    if (map->count == 0)
        return NULL;
    if (map->capacity == SMALLEST)
        return find_among_few(map, key, length);
    return find_slot(map, hash_key(key, length), key, length)->value;
}

void *ab_map_put(ab_map *map, const void *key, size_t length, void *value)
{
    assert(value != NULL);
    if (map->count >= map->capacity / 4 * 3)
        resize(map, AB_MAX(map->capacity * 2, SMALLEST));
    uint64_t hash = hash_key(key, length);
    ab_map_slot *slot = find_slot(map, hash, key, length);
    void *previous = slot->value;
    if (slot->key == NULL)
        map->count++;
    /* An empty key may come without an address, but NULL marks a free slot. */
    *slot = (ab_map_slot){length == 0 ? "" : key, length, hash, value};
    return previous;
}

/* Moves back every follower that would no longer be found beyond the hole. */
static void close_gap(ab_map *map, size_t hole)
{
    size_t mask = map->capacity - 1;
    for (size_t at = (hole + 1) & mask; map->slots[at].key != NULL; at = (at + 1) & mask) {
        size_t home = map->slots[at].hash & mask;
        bool is_reached_over_hole = ((at - home) & mask) >= ((at - hole) & mask);
        if (is_reached_over_hole) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (ab_map_slot){0};
}

void *ab_map_take(ab_map *map, const void *key, size_t length)
{
    if (map->count == 0)
        return NULL;
    ab_map_slot *slot = find_slot(map, hash_key(key, length), key, length);
    void *value = slot->value;
    if (slot->key == NULL)
        return NULL;
    close_gap(map, (size_t)(slot - map->slots));
    map->count--;
    if (map->capacity > SMALLEST && map->count < map->capacity / 4)
        resize(map, map->capacity / 2);
    return value;
}

void *ab_map_next(const ab_map *map, size_t *cursor)
{
    while (*cursor < map->capacity) {
        const ab_map_slot *slot = &map->slots[(*cursor)++];
        if (slot->key != NULL)
            return slot->value;
    }
    return NULL;
}
