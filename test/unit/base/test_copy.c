/* SPDX-License-Identifier: MIT
 * Copies of any length, to any place. */
#include "base/copy.h"

#include <criterion/criterion.h>

#define LONGEST (3 * AB_COPY_FEW + 1)

Test(copy, copies_all_and_nothing_else)
{
    static const size_t lengths[] = {
        0, 1, AB_COPY_FEW - 1, AB_COPY_FEW, AB_COPY_FEW + 1, 2 * AB_COPY_FEW, LONGEST};
    static char from[LONGEST], to[LONGEST + 2];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (char)(i % 251 + 1);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(to, 0, sizeof to);
        ab_copy(to + 1, from, lengths[i]);
        cr_assert_eq(memcmp(to + 1, from, lengths[i]), 0, "%zu bytes", lengths[i]);
        cr_assert_eq(to[0], 0);
        cr_assert_eq(to[lengths[i] + 1], 0, "%zu bytes", lengths[i]);
    }
}

Test(copy, of_nothing_may_come_from_nowhere)
{
    char to = 'a';
    ab_copy(&to, NULL, 0);
    ab_copy(NULL, &to, 0);
    cr_assert_eq(to, 'a');
}
