/* SPDX-License-Identifier: MIT
 * Three pipes, of which two are copied line by line. */
#include "shell/background.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tool/clock.h"
#include "tool/spawn.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    PARTING_MS = 3000,
    LAST_READS =
        4, /* there is more than a pipe holds only if somebody whom it left behind goes on */
    LINE_MOST = 1024 * 1024 /* one that is longer is printed in pieces */
};

static void wake(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

bool shell_background_start(shell_background *self, int epoll, const tool_verb *verb,
                            const tool_words *words, const tool_family *family)
{
    tool_pipes all;
    *self = (shell_background){.fds = {-1, -1, -1}};
    if (!tool_pipes_open(&all)) {
        tool_complain("it cannot be started: %s", strerror(errno));
        return false;
    }
    bool is_started = shell_program_start(&self->program, verb, words, family, all.theirs, true);
    tool_pipes_close(all.theirs);
    if (!is_started) {
        tool_pipes_close(all.ours);
        return false;
    }
    memcpy(self->fds, all.ours, sizeof self->fds);
    wake(epoll, self->fds[STDOUT_FILENO]);
    wake(epoll, self->fds[STDERR_FILENO]);
    wake(epoll, self->program.end);
    return true;
}

/* A program may well write to a pipe what it would not to a terminal. */
static void print(const char *text, size_t length, bool has_end, FILE *to)
{
    if (isatty(fileno(to)) == 1) {
        char *line = tool_text_format("%.*s", (int)length, text);
        char *clean = tool_text_clean(line);
        fprintf(to, "%s\n", clean);
        free(clean);
        free(line);
    } else {
        fwrite(text, 1, length, to);
        fputs(has_end ? "\n" : "", to);
    }
}

static void print_lines(tool_input *input, FILE *to)
{
    size_t length;
    while (tool_input_line(input, &length) || input->length > LINE_MOST) {
        bool has_end = length < input->length;
        print(input->bytes, length, has_end, to);
        tool_input_drop(input, length, has_end);
    }
    fflush(to);
}

/* Whether anything came. */
static bool hear(shell_background *self, int fd, tool_input *input, FILE *to)
{
    size_t before = input->length;
    if (self->fds[fd] < 0) {
        return false;
    }
    bool is_read = tool_input_read(input, self->fds[fd]);
    bool has_come = input->length > before;
    input->has_ended = input->has_ended || !is_read;
    print_lines(input, to);
    if (input->has_ended) {
        close(self->fds[fd]);
        self->fds[fd] = -1;
    }
    self->has_spoken = self->has_spoken || has_come;
    return has_come;
}

static bool hear_both(shell_background *self)
{
    bool has_told = hear(self, STDERR_FILENO, &self->told, stderr);
    return hear(self, STDOUT_FILENO, &self->said, stdout) || has_told;
}

void shell_background_tend(shell_background *self)
{
    bool has_ended = shell_program_has_ended(&self->program); /* before what it said last is read */
    for (int i = 0; hear_both(self) && has_ended && i < LAST_READS; i++) {
    }
}

void shell_background_end(shell_background *self)
{
    shell_program_signal(&self->program, SIGTERM);
}

/* Until it has ended, or has had its time. */
static void see_off(shell_background *self)
{
    int64_t until = tool_clock_ms() + PARTING_MS;
    int64_t now;
    while (!shell_program_has_ended(&self->program) && (now = tool_clock_ms()) < until) {
        struct pollfd fds[] = {
            {.fd = self->program.end, .events = POLLIN},
            {.fd = self->fds[STDOUT_FILENO], .events = POLLIN},
            {.fd = self->fds[STDERR_FILENO], .events = POLLIN},
        };
        (void)poll(fds, sizeof fds / sizeof *fds, (int)(until - now));
        (void)hear_both(self);
    }
    shell_program_kill(&self->program);
}

tool_exit shell_background_fini(shell_background *self)
{
    shell_background_end(self);
    see_off(self);
    shell_background_tend(self);
    tool_pipes_close(self->fds);
    tool_input_fini(&self->said);
    tool_input_fini(&self->told);
    return self->program.code;
}
