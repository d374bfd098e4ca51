/* SPDX-License-Identifier: MIT
 * What another process is given, and what it is not. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/spawn.h"

TestSuite(spawn);

/* What it says on its standard output, to its end; its exit status. */
static int say(const char *const *argv, const char *input, bool is_apart, char *text, size_t size)
{
    tool_pipes pipes;
    pid_t pid;
    int status;
    size_t length = 0;
    cr_assert(tool_pipes_open(&pipes));
    cr_assert_eq(
        tool_spawn(argv[0], (char *const *)(const void *)argv, pipes.theirs, is_apart, &pid), 0);
    tool_pipes_close(pipes.theirs);
    cr_assert_eq(write(pipes.ours[0], input, strlen(input)), (ssize_t)strlen(input));
    close(pipes.ours[0]);
    pipes.ours[0] = -1;
    fcntl(pipes.ours[1], F_SETFL, 0);
    for (ssize_t got; (got = read(pipes.ours[1], text + length, size - 1 - length)) > 0;) {
        length += (size_t)got;
    }
    text[length] = '\0';
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    tool_pipes_close(pipes.ours);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(spawn, gives_it_three_streams_and_no_other)
{
    char text[256];
    int extra = fcntl(STDERR_FILENO, F_DUPFD, 20); /* as somebody leaves one open */
    cr_assert_geq(extra, 20);
    const char *const argv[] = {"sh", "-c", "cat; cd /proc/self/fd && echo *; exit 3", NULL};
    cr_assert_eq(say(argv, "hello\n", false, text, sizeof text), 3);
    cr_assert_str_eq(text, "hello\n0 1 2 3\n", "%s", text); /* 3 is the folder that it reads */
    close(extra);
}

Test(spawn, leaves_it_in_our_group_or_not)
{
    char text[64];
    const char *const argv[] = {"sh", "-c", "cut -d' ' -f5 /proc/$$/stat", NULL};
    say(argv, "", false, text, sizeof text);
    cr_assert_eq(atoi(text), getpgrp(), "%s", text);
    say(argv, "", true, text, sizeof text);
    cr_assert_neq(atoi(text), getpgrp(), "%s", text);
}

Test(spawn, tells_why_it_cannot)
{
    const char *const argv[] = {"autobus-nonesuch", NULL};
    const int fds[] = {0, 1, 2};
    pid_t pid;
    cr_assert_eq(tool_spawn(argv[0], (char *const *)(const void *)argv, fds, false, &pid), ENOENT);
}
