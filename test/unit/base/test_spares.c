/* SPDX-License-Identifier: MIT
 * Pieces that come back are used again, empty, and no more of them are kept than may be. */
#include "base/spares.h"

#include <criterion/criterion.h>
#include <string.h>

#define SIZE 48

Test(spares, are_used_again_and_empty)
{
    ab_spares spares;
    ab_spares_init(&spares);
    char *one = ab_spares_take(&spares, SIZE, SIZE), *other = ab_spares_take(&spares, SIZE, SIZE);
    memset(one, 'x', SIZE);
    memset(other, 'x', SIZE);
    ab_spares_give(&spares, one);
    ab_spares_give(&spares, other);
    static const char empty[SIZE];
    cr_expect_eq(ab_spares_take(&spares, SIZE, SIZE), other, "the last one first");
    cr_expect_eq(ab_spares_take(&spares, SIZE, SIZE), one);
    cr_expect_eq(memcmp(one, empty, SIZE), 0);
    cr_expect_eq(memcmp(other, empty, SIZE), 0);
    ab_spares_give(&spares, one);
    ab_spares_give(&spares, other);
    ab_spares_fini(&spares);
}

Test(spares, are_a_few)
{
    ab_spares spares;
    void *all[AB_SPARES_MOST + 3];
    ab_spares_init(&spares);
    for (size_t i = 0; i < AB_SPARES_MOST + 3; i++)
        all[i] = ab_spares_take(&spares, SIZE, SIZE);
    for (size_t i = 0; i < AB_SPARES_MOST + 3; i++)
        ab_spares_give(&spares, all[i]);
    cr_expect_eq(spares.count, AB_SPARES_MOST);
    ab_spares_fini(&spares);
    cr_expect_eq(spares.count, 0);
}
