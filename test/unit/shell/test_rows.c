/* SPDX-License-Identifier: MIT
 * Where a line that is typed stands on terminals of all widths. */
#include <criterion/criterion.h>

#include <locale.h>

#include "shell/rows.h"

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(rows, .init = start);

static size_t rows(const wchar_t *text, size_t width)
{
    return shell_rows(9, text, text + wcslen(text), width);
}

Test(rows, are_none_while_it_fits)
{
    cr_assert_eq(rows(L"", 40), 0);
    cr_assert_eq(rows(L"0123456789012345678901234567890", 41), 0);
}

Test(rows, begin_when_the_last_column_is_taken)
{
    cr_assert_eq(rows(L"0", 10), 1);
    cr_assert_eq(rows(L"01234567890", 20), 1);
    cr_assert_eq(rows(L"0123456789", 20), 0);
}

Test(rows, count_wide_characters_twice_and_never_in_halves)
{
    cr_assert_eq(rows(L"\u6f22", 12), 0);
    cr_assert_eq(rows(L"\u6f22", 11), 1);
    cr_assert_eq(rows(L"\u6f22", 10), 1);
}

Test(rows, count_what_is_written_out)
{
    cr_assert_eq(rows(L"\x1b", 11), 1, "^[");
    cr_assert_eq(rows(L"\u200e", 17), 0);
    cr_assert_eq(rows(L"\x80", 16), 1, "\\U+0080");
}

Test(rows, bear_a_terminal_narrower_than_the_prompt)
{
    cr_assert_eq(rows(L"", 4), 2);
    cr_assert_eq(rows(L"01", 1), 11);
}
