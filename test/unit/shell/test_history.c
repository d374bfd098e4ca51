/* SPDX-License-Identifier: MIT
 * What is remembered from one shell to the next, and who may read it. */
#include <criterion/criterion.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/history.h"
#include "support/scratch.h"

static shell_history history;

static void start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("XDG_STATE_HOME", scratch_enter(), 1);
    setenv("HOME", "/nonexistent", 1);
    shell_history_init(&history);
}

static void stop(void)
{
    shell_history_fini(&history);
    scratch_leave();
}

TestSuite(history, .init = start, .fini = stop);

static void begin_again(void)
{
    shell_history_fini(&history);
    shell_history_init(&history);
}

static const char *file(void)
{
    return scratch_path("autobus/shell-history");
}

static size_t lines_in_file(void)
{
    size_t count = 0;
    FILE *in = fopen(file(), "r");
    cr_assert_not_null(in);
    for (int byte; (byte = fgetc(in)) != EOF;) {
        count += byte == '\n';
    }
    fclose(in);
    return count;
}

static void write_file(const char *text)
{
    FILE *out = fopen(file(), "w");
    cr_assert_not_null(out);
    fputs(text, out);
    fclose(out);
}

Test(history, is_empty_at_first)
{
    cr_assert_eq(history.lines.count, 0);
    cr_assert_neq(access(file(), F_OK), 0);
}

Test(history, is_there_again_the_next_time)
{
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert(shell_history_add(&history, "show lamp"));
    begin_again();
    cr_assert_eq(history.lines.count, 2);
    cr_assert_str_eq(history.lines.list[0], "ls");
    cr_assert_str_eq(history.lines.list[1], "show lamp");
}

Test(history, leaves_out_what_nobody_wants_twice_or_at_all)
{
    static char long_line[SHELL_HISTORY_BYTES + 1];
    memset(long_line, 'x', SHELL_HISTORY_BYTES);
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert_not(shell_history_add(&history, "ls"));
    cr_assert_not(shell_history_add(&history, ""));
    cr_assert_not(shell_history_add(&history, " call safe open code=1234"));
    cr_assert_not(shell_history_add(&history, long_line));
    cr_assert_eq(history.lines.count, 1);
    cr_assert_eq(lines_in_file(), 1);
}

Test(history, is_for_its_owner_alone)
{
    struct stat is;
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert_eq(chmod(file(), 0644), 0);
    cr_assert(shell_history_add(&history, "show lamp"));
    cr_assert_eq(stat(file(), &is), 0);
    cr_assert_eq(is.st_mode & 0777, 0600);
    cr_assert_eq(stat(scratch_path("autobus"), &is), 0);
    cr_assert_eq(is.st_mode & 0777, 0700);
}

Test(history, of_two_shells_loses_nothing)
{
    shell_history other;
    shell_history_init(&other);
    cr_assert(shell_history_add(&history, "one"));
    cr_assert(shell_history_add(&other, "two"));
    cr_assert(shell_history_add(&history, "three"));
    shell_history_fini(&other);
    begin_again();
    cr_assert_eq(history.lines.count, 3);
}

Test(history, is_bounded)
{
    char line[32];
    for (int i = 0; i < 2 * SHELL_HISTORY_LINES + 1; i++) {
        snprintf(line, sizeof line, "line %d", i);
        cr_assert(shell_history_add(&history, line));
    }
    cr_assert_eq(history.lines.count, SHELL_HISTORY_LINES);
    cr_assert_str_eq(history.lines.list[0], "line 1001");
    begin_again();
    cr_assert_eq(history.lines.count, SHELL_HISTORY_LINES);
    cr_assert_str_eq(history.lines.list[SHELL_HISTORY_LINES - 1], "line 2000");
    cr_assert_eq(lines_in_file(), SHELL_HISTORY_LINES);
}

Test(history, overlooks_lines_that_are_none_of_ours)
{
    static const char rest[] = "\n\nshow \xff\xfe\nshow lamp";
    static char text[2 * SHELL_HISTORY_BYTES + sizeof rest];
    cr_assert(shell_history_add(&history, "ls"));
    memset(text, 'x', 2 * SHELL_HISTORY_BYTES);
    memcpy(text + 2 * SHELL_HISTORY_BYTES, rest, sizeof rest);
    write_file(text);
    begin_again();
    cr_assert_eq(history.lines.count, 1);
    cr_assert_str_eq(history.lines.list[0], "show lamp");
}

Test(history, follows_no_link_out_of_its_folder)
{
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert_eq(unlink(file()), 0);
    cr_assert_eq(symlink(scratch_path("elsewhere"), file()), 0);
    cr_assert(shell_history_add(&history, "show lamp"));
    cr_assert_neq(access(scratch_path("elsewhere"), F_OK), 0);
}

Test(history, is_in_the_home_if_nothing_else_is_said)
{
    struct stat is;
    setenv("XDG_STATE_HOME", "not/absolute", 1);
    setenv("HOME", scratch_path("home"), 1);
    begin_again();
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert_eq(stat(scratch_path("home/.local/state/autobus/shell-history"), &is), 0);
}

Test(history, is_of_this_shell_alone_where_there_is_no_place_for_it)
{
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    begin_again();
    cr_assert_null(history.path);
    cr_assert(shell_history_add(&history, "ls"));
    cr_assert_eq(history.lines.count, 1);
    setenv("HOME", "/nonexistent", 1);
}
