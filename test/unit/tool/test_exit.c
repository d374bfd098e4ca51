/* SPDX-License-Identifier: MIT
 * Exit codes are a contract with every script. */
#include <criterion/criterion.h>

#include "tool/exit.h"

Test(exit, is_nought_for_success_only)
{
    cr_assert_eq(tool_exit_of(AUTOBUS_OK), 0);
    for (int result = AUTOBUS_FAILED; result <= AUTOBUS_FORKED; result++) {
        cr_assert_neq(tool_exit_of((autobus_result)result), 0);
    }
}

Test(exit, has_the_documented_numbers)
{
    cr_assert_eq(tool_exit_of(AUTOBUS_INVALID), 2);
    cr_assert_eq(tool_exit_of(AUTOBUS_NOT_FOUND), 3);
    cr_assert_eq(tool_exit_of(AUTOBUS_TIMEOUT), 4);
    cr_assert_eq(tool_exit_of(AUTOBUS_REMOTE), 5);
    cr_assert_eq(tool_exit_of(AUTOBUS_DENIED), 6);
    cr_assert_eq(tool_exit_of(AUTOBUS_INCOMPATIBLE), 7);
    cr_assert_eq(tool_exit_of(AUTOBUS_AMBIGUOUS), 8);
    cr_assert_eq(TOOL_INTERRUPTED, 130);
}

Test(exit, is_one_for_every_other_failure)
{
    cr_assert_eq(tool_exit_of(AUTOBUS_FAILED), 1);
    cr_assert_eq(tool_exit_of(AUTOBUS_IN_USE), 1);
    cr_assert_eq(tool_exit_of(AUTOBUS_FORKED), 1);
    cr_assert_eq(tool_exit_of((autobus_result)4711), 1);
}
