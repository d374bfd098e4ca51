/* SPDX-License-Identifier: MIT
 * Dice that can be thrown again the same way, and the kernel's numbers. */
#include "base/random.h"

#include <criterion/criterion.h>
#include <string.h>

Test(dice, follow_the_published_sequence)
{
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    ab_dice dice = {{1, 2, 3, 4}};
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(ab_dice_next(&dice), expected[i]);
}

Test(dice, are_seeded_as_their_authors_advise)
{
    static const uint64_t expected[] = {0xe220a8397b1dcdafU, 0x6e789e6aa1b965f4U,
                                        0x06c45d188009454fU, 0xf88bb8a8724c81ecU};
    ab_dice dice;
    ab_dice_seed(&dice, 0);
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(dice.state[i], expected[i]);
}

Test(dice, repeat_themselves_with_the_same_seed)
{
    ab_dice one, other;
    ab_dice_seed(&one, 4711);
    ab_dice_seed(&other, 4711);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(ab_dice_next(&one), ab_dice_next(&other));
}

Test(dice, stay_below_the_limit_and_reach_all_of_it)
{
    unsigned counts[6] = {0};
    ab_dice dice;
    ab_dice_seed(&dice, 1);
    for (int i = 0; i < 6000; i++) {
        uint64_t thrown = ab_dice_below(&dice, 6);
        cr_assert(thrown < 6);
        counts[thrown]++;
    }
    for (int i = 0; i < 6; i++)
        cr_expect(counts[i] > 850 && counts[i] < 1150, "%d came %u times", i, counts[i]);
}

Test(dice, manage_the_odd_limits)
{
    ab_dice dice;
    ab_dice_seed(&dice, 2);
    cr_assert_eq(ab_dice_below(&dice, 0), 0);
    cr_assert_eq(ab_dice_below(&dice, 1), 0);
    for (int i = 0; i < 100; i++)
        cr_assert(ab_dice_below(&dice, UINT64_MAX) < UINT64_MAX);
}

Test(random_numbers, differ)
{
    uint64_t ids[100];
    for (int i = 0; i < 100; i++) {
        ids[i] = ab_random_id();
        cr_assert_neq(ids[i], 0);
        for (int j = 0; j < i; j++)
            cr_assert_neq(ids[i], ids[j]);
    }
}

Test(random_numbers, fill_exactly_what_is_asked_for)
{
    unsigned char bytes[1026];
    memset(bytes, 0xaa, sizeof bytes);
    ab_random_bytes(bytes + 1, 1024);
    cr_assert_eq(bytes[0], 0xaa);
    cr_assert_eq(bytes[1025], 0xaa);
    ab_random_bytes(bytes, 0);
    cr_assert_eq(bytes[0], 0xaa);
}
