/* SPDX-License-Identifier: MIT
 * Bytes from a pipe, line by line. */
#include <criterion/criterion.h>

#include <string.h>
#include <unistd.h>

#include "tool/input.h"

static tool_input input;
static int ends[2];

static void start(void)
{
    cr_assert_eq(pipe(ends), 0);
}

static void stop(void)
{
    tool_input_fini(&input);
    close(ends[0]);
}

TestSuite(input, .init = start, .fini = stop);

static void comes(const char *text)
{
    cr_assert_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    cr_assert(tool_input_read(&input, ends[0]));
}

static void ends_now(void)
{
    close(ends[1]);
    cr_assert(tool_input_read(&input, ends[0]));
}

static void gives(const char *line)
{
    size_t length;
    cr_assert(tool_input_line(&input, &length));
    cr_assert_eq(length, strlen(line));
    cr_assert_eq(memcmp(input.bytes, line, length), 0);
    tool_input_drop(&input, length, true);
}

static void gives_nothing(void)
{
    size_t length;
    cr_assert_not(tool_input_line(&input, &length));
}

Test(input, is_lines_however_it_comes)
{
    comes("one\ntw");
    gives("one");
    gives_nothing();
    comes("o\n\nthree");
    gives("two");
    gives("");
    gives_nothing();
    cr_assert_not(tool_input_is_over(&input));
    ends_now();
    gives("three");
    gives_nothing();
    cr_assert(tool_input_is_over(&input));
}

Test(input, that_ends_with_a_line_has_no_further_one)
{
    comes("one\n");
    ends_now();
    gives("one");
    gives_nothing();
    cr_assert(tool_input_is_over(&input));
}

Test(input, can_be_taken_byte_by_byte)
{
    comes("abc");
    tool_input_drop(&input, 2, false);
    cr_assert_eq(input.length, 1);
    cr_assert_eq(input.bytes[0], 'c');
    tool_input_drop(&input, 1, true);
    ends_now();
    cr_assert(tool_input_is_over(&input));
}
