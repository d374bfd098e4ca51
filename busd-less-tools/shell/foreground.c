/* SPDX-License-Identifier: MIT
 * A program in the shell's own process group: what is typed on the terminal reaches it by itself. */
#include "shell/foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "shell/program.h"
#include "shell/vigil.h"
#include "tool/signals.h"

enum {
    PARTING_MS = 3000
};

/* How a terminal is set; nothing where there is none, or it is not ours. */
typedef struct settings {
    struct termios now;
    bool are_known;
} settings;

static bool has_terminal(void)
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void keep(settings *self)
{
    self->are_known = has_terminal() && tcgetattr(STDIN_FILENO, &self->now) == 0;
}

static void give_back(const settings *self)
{
    if (self->are_known && has_terminal()) {
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &self->now);
    }
}

static void overlook(void *userdata)
{
    (void)userdata;
}

/* The shell ends, and so does this, even if it does not want to. */
static void end(shell_program *program)
{
    struct pollfd over = {.fd = program->end, .events = POLLIN};
    shell_program_signal(program, SIGTERM);
    (void)poll(&over, 1, PARTING_MS);
    if (!shell_program_has_ended(program)) {
        shell_program_kill(program);
    }
}

/* A signal that was sent to the shell alone is handed on; one that both have got does no harm twice. */
static void await(shell_program *program, const shell_vigil *vigil)
{
    while (!shell_program_has_ended(program)) {
        switch (shell_vigil_wait(vigil, program->end)) {
        case SHELL_INPUT:
        case SHELL_RESIZED: break;
        case SHELL_INTERRUPTED: shell_program_signal(program, SIGINT); break;
        case SHELL_PAUSED:
            tool_signals_pause();
            shell_program_signal(program, SIGCONT);
            break;
        case SHELL_CLOSING: end(program); break;
        }
    }
}

tool_exit shell_foreground_run(shell_jobs *jobs, tool_desk *desk, const tool_verb *verb,
                               const tool_words *words)
{
    shell_vigil vigil = {.desk = desk, .jobs = jobs, .hide = overlook, .show = overlook};
    int empty = desk->has_input ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
    int fds[] = {empty >= 0 ? empty : STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    shell_program program;
    settings before;
    keep(&before);
    fflush(stdout);
    if (shell_program_start(&program, verb, words, jobs->family, fds, false)) {
        await(&program, &vigil);
        give_back(&before);
    }
    if (empty >= 0) {
        close(empty);
    }
    return program.code;
}
