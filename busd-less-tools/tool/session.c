/* SPDX-License-Identifier: MIT
 * The loop. */
#include "tool/session.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tool/clock.h"
#include "tool/signals.h"
#include "tool/start.h"

enum {
    LONGEST_MS = 60000
};

bool tool_session_open(tool_session *self, const tool_request *request)
{
    tool_family family = request->family;
    *self = (tool_session){.request = request, .input = -1};
    if (tool_target_is_place(&request->target) && family.discovery == NULL) {
        family.discovery = "none";
    }
    self->signals = tool_signals_open();
    autobus_result result = tool_family_bus(&family, true, &self->bus);
    if (result != AUTOBUS_OK) {
        tool_session_end(self, tool_complain_of(result));
    }
    return result == AUTOBUS_OK;
}

tool_exit tool_session_close(tool_session *self)
{
    autobus_bus_free(&self->bus);
    return self->code;
}

void tool_session_end(tool_session *self, tool_exit code)
{
    if (!self->is_over) {
        self->is_over = true;
        self->code = code;
    }
}

static void heed_signals(tool_session *self)
{
    for (int signal; (signal = tool_signals_next(self->signals)) != 0;) {
        switch (signal) {
        case SIGTSTP: tool_signals_pause(); break;
        case SIGWINCH: break;
        case SIGINT: tool_session_end(self, TOOL_INTERRUPTED); break;
        default:
            tool_session_end(self, self->goes_on_forever ? TOOL_DONE : TOOL_INTERRUPTED);
            break;
        }
    }
}

static int patience(int64_t until_ms)
{
    int64_t left = until_ms - tool_clock_ms();
    return left <= 0 ? 0 : left > LONGEST_MS ? LONGEST_MS : (int)left;
}

bool tool_session_turn(tool_session *self, int64_t until_ms)
{
    struct pollfd fds[] = {
        {.fd = autobus_bus_fd(self->bus), .events = POLLIN},
        {.fd = self->signals, .events = POLLIN},
        {.fd = self->is_mute ? -1 : STDOUT_FILENO}, /* only to hear of its end */
        {.fd = self->input, .events = POLLIN},
    };
    if (self->is_over) {
        return false;
    }
    int ready = poll(fds, sizeof fds / sizeof *fds, patience(until_ms));
    if (ready > 0 && (fds[2].revents & (POLLERR | POLLHUP)) != 0) {
        tool_session_end(self, TOOL_DONE);
        return false;
    }
    self->input_is_ready = ready > 0 && fds[3].revents != 0;
    heed_signals(self);
    if (!self->is_over && autobus_bus_dispatch(self->bus) < 0) {
        tool_session_end(self, tool_complain_of(AUTOBUS_FAILED));
    }
    return !self->is_over;
}

void tool_session_flush(tool_session *self)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        tool_session_end(self, TOOL_DONE);
    }
}

bool tool_session_await(tool_session *self, const bool *flag, int64_t until_ms)
{
    while (!*flag && tool_clock_ms() < until_ms && tool_session_turn(self, until_ms)) {
    }
    return *flag;
}
