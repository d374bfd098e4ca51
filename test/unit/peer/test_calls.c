/* SPDX-License-Identifier: MIT
 * Calls under way: found by number, in whatever order they end. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "peer/calls.h"

#define MANY 1000

static ab_call many[MANY];

static void put_all(ab_calls *calls)
{
    ab_calls_init(calls);
    for (uint64_t i = 0; i < MANY; i++) {
        many[i].id = 3 * i + 1;
        ab_calls_put(calls, &many[i]);
    }
}

Test(calls, are_found_once_by_their_number)
{
    ab_calls calls;
    put_all(&calls);
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t at = i * 7 % MANY;
        cr_expect_eq(ab_calls_take(&calls, many[at].id), &many[at]);
        cr_expect_null(ab_calls_take(&calls, many[at].id));
        cr_expect_null(ab_calls_take(&calls, many[at].id + 1));
        cr_expect_eq(calls.count, MANY - i - 1);
    }
    ab_calls_fini(&calls);
}

Test(calls, are_told_oldest_first)
{
    ab_calls calls;
    put_all(&calls);
    (void)ab_calls_take(&calls, many[0].id);
    uint64_t *numbers = ab_calls_numbers(&calls);
    for (size_t i = 1; i < MANY; i++)
        cr_expect_eq(numbers[i - 1], many[i].id);
    free(numbers);
    ab_calls_fini(&calls);
}

Test(calls, that_were_many_leave_no_room_behind)
{
    ab_calls calls;
    put_all(&calls);
    for (size_t i = 0; i < MANY; i++)
        (void)ab_calls_take(&calls, many[i].id);
    cr_expect_null(calls.rows);
    cr_expect_null(ab_calls_take(&calls, 1));
    many[0].id = 1;
    ab_calls_put(&calls, &many[0]);
    cr_expect_eq(ab_calls_take(&calls, 1), &many[0]);
    ab_calls_fini(&calls);
}
