/* SPDX-License-Identifier: MIT
 * One poll() over the input, the signals, the bus and the clock. */
#include "shell/vigil.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "tool/clock.h"
#include "tool/session.h"
#include "tool/signals.h"
#include "tool/start.h"

enum {
    LONGEST_MS = 60000
};

/* What the next signal means; SHELL_INPUT if there is none. */
static shell_event heed_signal(const shell_vigil *self)
{
    switch (tool_signals_next(self->desk->signals)) {
    case 0: return SHELL_INPUT;
    case SIGINT: return SHELL_INTERRUPTED;
    case SIGWINCH: return SHELL_RESIZED;
    case SIGTSTP: return SHELL_PAUSED;
    default: self->desk->is_to_close = true; return SHELL_CLOSING;
    }
}

/* Whether all of it could be written. Nobody but a job prints anything. */
static bool tell_news(const shell_vigil *self)
{
    bool has_jobs = self->jobs->count > 0;
    if (has_jobs) {
        self->hide(self->userdata);
    }
    bool is_heard = autobus_bus_dispatch(self->desk->bus) >= 0;
    shell_jobs_tend(self->jobs);
    bool is_told = tool_flush();
    if (has_jobs) {
        self->show(self->userdata);
    }
    return is_heard && is_told;
}

static int patience(int64_t next_ms)
{
    int64_t left = next_ms - tool_clock_ms();
    return left <= 0 ? 0 : left > LONGEST_MS ? LONGEST_MS : (int)left;
}

shell_event shell_vigil_wait(const shell_vigil *self, int fd)
{
    struct pollfd fds[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = self->desk->signals, .events = POLLIN},
        {.fd = autobus_bus_fd(self->desk->bus), .events = POLLIN},
        {.fd = self->jobs->wakes, .events = POLLIN},
    };
    for (;;) {
        int64_t next = self->jobs->next_ms;
        int ready = poll(fds, sizeof fds / sizeof *fds, patience(next));
        shell_event event = heed_signal(self);
        if (event != SHELL_INPUT) {
            return event;
        }
        bool has_news = ready > 0 && (fds[2].revents != 0 || fds[3].revents != 0);
        if ((has_news || tool_clock_ms() >= next) && !tell_news(self)) {
            return SHELL_CLOSING;
        }
        if (ready > 0 && fds[0].revents != 0) {
            return SHELL_INPUT;
        }
    }
}
