/* SPDX-License-Identifier: MIT
 * A pid, and a descriptor for its end. */
#include "shell/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/folder.h"
#include "tool/spawn.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    OF_SIGNAL = 128
};

/* How it is called, where to look around, and what was typed: the last of several counts. */
static void words_for(tool_words *line, const tool_words *words, const tool_family *family)
{
    tool_words_add(line, tool_text_checked(strdup(words->list[0])));
    tool_family_say(family, line);
    for (size_t i = 1; i < words->count; i++) {
        tool_words_add(line, tool_text_checked(strdup(words->list[i])));
    }
}

static int begin(shell_program *self, char *const *argv, const int fds[3])
{
    char *folder = tool_folder();
    char *program = tool_folder_find(folder != NULL ? folder : ".", self->name);
    int error = tool_spawn(program, argv, fds, self->is_apart, &self->pid);
    free(program);
    free(folder);
    if (error == 0 && (self->end = pidfd_open(self->pid, 0)) < 0) {
        error = errno;
        kill(self->pid, SIGKILL);
        waitpid(self->pid, NULL, 0);
    }
    return error;
}

bool shell_program_start(shell_program *self, const tool_verb *verb, const tool_words *words,
                         const tool_family *family, const int fds[3], bool is_apart)
{
    tool_words line = {0};
    *self = (shell_program){.name = verb->name, .end = -1, .is_apart = is_apart};
    words_for(&line, words, family);
    int error = begin(self, line.list, fds);
    tool_words_fini(&line);
    if (error != 0) {
        self->code = TOOL_FAILED;
        tool_complain("it cannot be started: %s", strerror(error));
    }
    return error == 0;
}

void shell_program_signal(const shell_program *self, int number)
{
    if (self->end >= 0) {
        pid_t whom = self->is_apart ? -self->pid : self->pid;
        kill(whom, number);
        kill(whom, SIGCONT);
    }
}

/* What somebody at the keyboard or a reader that has gone has done needs no words. */
static void tell_signal(const shell_program *self, int number)
{
    if (number != SIGINT && number != SIGPIPE && number != SIGTERM && number != SIGHUP) {
        tool_complain("autobus-%s was ended by signal %d (%s)", self->name, number,
                      strsignal(number));
    }
}

static void take_end(shell_program *self, int how)
{
    siginfo_t end = {0};
    if (waitid(P_PID, (id_t)self->pid, &end, WEXITED | how) < 0 || end.si_pid == 0) {
        return;
    }
    bool is_signal = end.si_code != CLD_EXITED;
    close(self->end);
    self->end = -1;
    self->code = (tool_exit)(end.si_status + (is_signal ? OF_SIGNAL : 0));
    if (is_signal) {
        tell_signal(self, end.si_status);
    }
}

bool shell_program_has_ended(shell_program *self)
{
    if (self->end >= 0) {
        take_end(self, WNOHANG);
    }
    return self->end < 0;
}

void shell_program_kill(shell_program *self)
{
    if (self->end >= 0) {
        shell_program_signal(self, SIGKILL);
        take_end(self, 0);
    }
}
