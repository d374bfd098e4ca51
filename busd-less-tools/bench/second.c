/* SPDX-License-Identifier: MIT
 * fork, exec, two pipes. */
#include "bench/second.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tool/clock.h"
#include "tool/start.h"

enum {
    WORDS_MOST = 24,
    END_MS = 3000,
    TURN_MS = 5
};

static void become(const char *const *words, int input, int output, bool is_traced)
{
    static char name[] = "autobus-bench";
    char *argv[WORDS_MOST + 2] = {name};
    for (size_t i = 0; words[i] != NULL && i < WORDS_MOST; i++) {
        argv[i + 1] = strdup(words[i]);
    }
    if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0) {
        _exit(TOOL_FAILED);
    }
    if (is_traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)) {
        _exit(TOOL_DENIED);
    }
    execv("/proc/self/exe", argv);
    _exit(TOOL_FAILED);
}

bool bench_second_start(bench_second *self, const char *const *words, bool is_traced)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    *self = (bench_second){.input = -1, .output = -1};
    bool has_pipes = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0;
    pid_t process = has_pipes ? fork() : -1;
    if (process == 0) {
        become(words, in[0], out[1], is_traced);
    }
    if (process < 0) {
        tool_complain("a second process cannot be started: %s", strerror(errno));
    }
    close(in[0]);
    close(out[1]);
    if (process < 0) {
        close(in[1]);
        close(out[0]);
        return false;
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    *self = (bench_second){.process = process, .input = in[1], .output = out[0]};
    return true;
}

bool bench_second_reads(bench_second *self)
{
    size_t room = sizeof self->line - 1 - self->length;
    ssize_t more = room > 0 ? read(self->output, self->line + self->length, room) : 0;
    self->length += more > 0 ? (size_t)more : 0;
    self->line[self->length] = '\0';
    char *end = strchr(self->line, '\n');
    if (end != NULL) {
        *end = '\0';
    }
    return end != NULL;
}

bool bench_second_is_ready(bench_second *self, bench_run *run, int limit_ms)
{
    int64_t end = tool_clock_ms() + limit_ms;
    for (int64_t left; bench_run_goes_on(run) && (left = end - tool_clock_ms()) > 0;) {
        struct pollfd both[] = {{.fd = self->output, .events = POLLIN},
                                {.fd = run->signals, .events = POLLIN}};
        poll(both, 2, (int)left);
        if (bench_second_reads(self)) {
            return true;
        }
        if ((both[0].revents & (POLLHUP | POLLERR)) != 0 && (both[0].revents & POLLIN) == 0) {
            break; /* it ended, and has said why */
        }
    }
    if (!run->is_interrupted) {
        tool_complain("the second process does not get ready");
    }
    return false;
}

static void close_pipes(bench_second *self)
{
    close(self->input);
    close(self->output);
}

void bench_second_end(bench_second *self)
{
    if (self->process == 0) {
        return;
    }
    close_pipes(self);
    int64_t end = tool_clock_ms() + END_MS;
    while (waitpid(self->process, NULL, WNOHANG) == 0) {
        if (tool_clock_ms() >= end) {
            kill(self->process, SIGKILL);
            waitpid(self->process, NULL, 0);
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = TURN_MS * 1000000L}, NULL);
    }
    self->process = 0;
}

void bench_second_kill(bench_second *self)
{
    if (self->process != 0) {
        close_pipes(self);
        kill(self->process, SIGKILL);
        self->process = 0;
    }
}
