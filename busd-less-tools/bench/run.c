/* SPDX-License-Identifier: MIT
 * Signals and the progress line. */
#include "bench/run.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/bell.h"
#include "tool/clock.h"
#include "tool/signals.h"

enum {
    TELL_MS = 200
};

void bench_run_init(bench_run *self, const char *name, int signals, bool is_quiet)
{
    *self = (bench_run){.name = name,
                        .signals = signals,
                        .shows = !is_quiet && isatty(STDERR_FILENO) == 1,
                        .told_ms = tool_clock_ms()};
}

void bench_run_wipe(bench_run *self)
{
    if (self->is_shown) {
        fputs("\r\033[K", stderr);
        self->is_shown = false;
    }
}

bool bench_run_goes_on(bench_run *self)
{
    for (int signal; (signal = tool_signals_next(self->signals)) != 0;) {
        if (signal == SIGTSTP) {
            bench_run_wipe(self);
            tool_signals_pause();
        } else if (signal != SIGWINCH) {
            self->is_interrupted = true;
        }
    }
    return !self->is_interrupted;
}

bool bench_run_progress(bench_run *self, uint64_t done, uint64_t total)
{
    int64_t now = tool_clock_ms();
    if (self->shows && now - self->told_ms >= TELL_MS) {
        self->told_ms = now;
        self->is_shown = true;
        fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64, self->name, done, total);
    }
    return bench_run_goes_on(self);
}

bool bench_run_wait(bench_run *self, int bell, int limit_ms)
{
    int64_t end = tool_clock_ms() + limit_ms;
    for (int64_t left; bench_run_goes_on(self) && (left = end - tool_clock_ms()) > 0;) {
        struct pollfd both[] = {{.fd = bell, .events = POLLIN},
                                {.fd = self->signals, .events = POLLIN}};
        if (poll(both, 2, (int)left) > 0 && both[0].revents != 0) {
            bench_bell_take(bell);
            return true;
        }
    }
    return false;
}

bool bench_run_sleep(bench_run *self, int ms)
{
    int64_t end = tool_clock_ms() + ms;
    for (int64_t left; bench_run_goes_on(self) && (left = end - tool_clock_ms()) > 0;) {
        poll(&(struct pollfd){.fd = self->signals, .events = POLLIN}, 1, (int)left);
    }
    return !self->is_interrupted;
}
