/* SPDX-License-Identifier: MIT
 * The map against a plain array that does the same slowly. */
#include "base/map.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

typedef struct thing {
    char name[8];
} thing;

static void *get(const ab_map *map, const char *name)
{
    return ab_map_get(map, name, strlen(name));
}

static void *put(ab_map *map, thing *it)
{
    return ab_map_put(map, it->name, strlen(it->name), it);
}

static void *take(ab_map *map, const char *name)
{
    return ab_map_take(map, name, strlen(name));
}

Test(map, finds_nothing_when_it_is_empty)
{
    ab_map map;
    ab_map_init(&map);
    size_t cursor = 0;
    cr_assert_null(get(&map, "a"));
    cr_assert_null(take(&map, "a"));
    cr_assert_null(ab_map_next(&map, &cursor));
    ab_map_fini(&map);
}

Test(map, gives_back_what_was_put)
{
    ab_map map;
    ab_map_init(&map);
    thing lamp = {"lamp"}, door = {"door"};
    cr_assert_null(put(&map, &lamp));
    cr_assert_null(put(&map, &door));
    cr_assert_eq(get(&map, "lamp"), &lamp);
    cr_assert_eq(get(&map, "door"), &door);
    cr_assert_null(get(&map, "lam"));
    cr_assert_eq(map.count, 2);
    ab_map_fini(&map);
}

Test(map, replaces_value_and_key_together)
{
    ab_map map;
    ab_map_init(&map);
    thing old = {"lamp"}, new = {"lamp"};
    put(&map, &old);
    cr_assert_eq(put(&map, &new), &old);
    memset(&old, 'x', sizeof old);
    cr_assert_eq(get(&map, "lamp"), &new);
    cr_assert_eq(map.count, 1);
    ab_map_fini(&map);
}

Test(map, takes_any_bytes_as_a_key)
{
    ab_map map;
    ab_map_init(&map);
    int zero, one, empty;
    ab_map_put(&map, "a\0b", 3, &zero);
    ab_map_put(&map, "a\0c", 3, &one);
    ab_map_put(&map, NULL, 0, &empty);
    cr_assert_eq(ab_map_get(&map, "a\0b", 3), &zero);
    cr_assert_eq(ab_map_get(&map, "a\0c", 3), &one);
    cr_assert_eq(ab_map_get(&map, "", 0), &empty);
    cr_assert_eq(ab_map_take(&map, NULL, 0), &empty);
    cr_assert_null(ab_map_get(&map, "", 0));
    ab_map_fini(&map);
}

Test(map, walks_over_everything_once)
{
    ab_map map;
    ab_map_init(&map);
    thing things[50];
    bool seen[50] = {false};
    for (int i = 0; i < 50; i++) {
        snprintf(things[i].name, sizeof things[i].name, "%d", i);
        put(&map, &things[i]);
    }
    size_t cursor = 0;
    for (thing *at; (at = ab_map_next(&map, &cursor)) != NULL;) {
        cr_assert_not(seen[at - things]);
        seen[at - things] = true;
    }
    for (int i = 0; i < 50; i++)
        cr_assert(seen[i]);
    ab_map_fini(&map);
}

#define THINGS 500

Test(map, does_what_an_array_does_whatever_the_order)
{
    static thing things[THINGS];
    bool is_in[THINGS] = {false};
    size_t count = 0;
    for (int i = 0; i < THINGS; i++)
        snprintf(things[i].name, sizeof things[i].name, "%d", i);
    ab_map map;
    ab_map_init(&map);
    ab_dice dice;
    ab_dice_seed(&dice, 42);
    for (int turn = 0; turn < 20000; turn++) {
        /* First more comes than goes, then the other way round. */
        bool is_put = ab_dice_below(&dice, 10) < (turn / 5000 % 2 == 0 ? 7U : 3U);
        size_t which = ab_dice_below(&dice, THINGS);
        thing *it = &things[which];
        void *before = is_put ? put(&map, it) : take(&map, it->name);
        cr_assert_eq(before, is_in[which] ? it : NULL);
        count += (size_t)is_put - (size_t)is_in[which];
        is_in[which] = is_put;
        cr_assert_eq(map.count, count);
    }
    for (int i = 0; i < THINGS; i++)
        cr_assert_eq(get(&map, things[i].name), is_in[i] ? &things[i] : NULL);
    ab_map_fini(&map);
}

Test(map, gives_memory_back_when_it_empties)
{
    static thing things[THINGS];
    ab_map map;
    ab_map_init(&map);
    for (int i = 0; i < THINGS; i++) {
        snprintf(things[i].name, sizeof things[i].name, "%d", i);
        put(&map, &things[i]);
    }
    size_t large = map.capacity;
    for (int i = 0; i < THINGS; i++)
        cr_assert_eq(take(&map, things[i].name), &things[i]);
    cr_assert(map.capacity < large / 8);
    cr_assert_eq(map.count, 0);
    ab_map_fini(&map);
}
