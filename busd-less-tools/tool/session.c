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
    LONGEST_MS = 60000,
    MOMENT_MS = 50, /* for callbacks that wait already */
    ACQUAINTED_MS =
        1000 /* the bus has asked several times, and its neighbours are no newcomers any more */
};

bool tool_session_open(tool_session *self, const tool_request *request)
{
    tool_family family = request->family;
    tool_desk *desk = request->desk;
    *self = (tool_session){.request = request, .input = -1, .began_ms = tool_clock_ms()};
    if (desk != NULL && !tool_family_is_elsewhere(&family)) {
        self->is_guest = true;
        self->bus = desk->bus;
        self->signals = desk->signals;
        self->began_ms = desk->began_ms;
        return true;
    }
    if (tool_target_is_place(&request->target) && family.discovery == NULL) {
        family.discovery = "none";
    }
    self->signals = desk != NULL ? desk->signals : tool_signals_open();
    autobus_result result = tool_family_bus(&family, true, &self->bus);
    if (result != AUTOBUS_OK) {
        tool_session_end(self, tool_complain_of(result));
    }
    return result == AUTOBUS_OK;
}

tool_exit tool_session_close(tool_session *self)
{
    if (!self->is_guest) {
        autobus_bus_free(&self->bus);
    }
    return self->code;
}

void tool_session_end(tool_session *self, tool_exit code)
{
    if (!self->is_over) {
        self->is_over = true;
        self->code = code;
    }
}

static void pause_or_mark(tool_session *self)
{
    if (self->pauses_itself) {
        self->is_to_pause = true;
    } else {
        tool_signals_pause();
    }
}

static void leave(tool_session *self)
{
    if (self->request->desk != NULL) {
        self->request->desk->is_to_close = true;
    }
    tool_session_end(self, self->goes_on_forever ? TOOL_DONE : TOOL_INTERRUPTED);
}

static void heed_signals(tool_session *self)
{
    for (int signal; (signal = tool_signals_next(self->signals)) != 0;) {
        switch (signal) {
        case SIGTSTP: pause_or_mark(self); break;
        case SIGWINCH: self->is_resized = true; break;
        case SIGINT: tool_session_end(self, TOOL_INTERRUPTED); break;
        default: leave(self); break;
        }
    }
}

int64_t tool_session_patience(const tool_session *self, int patience_ms)
{
    int64_t moment = tool_clock_ms() + MOMENT_MS;
    int64_t end = self->began_ms + patience_ms;
    return end > moment ? end : moment;
}

bool tool_session_knows_all(const tool_session *self)
{
    return tool_clock_ms() - self->began_ms > ACQUAINTED_MS;
}

/* Until when this turn may sleep. */
static int64_t tend(const tool_session *self, int64_t until_ms)
{
    tool_desk *desk = self->request->desk;
    int64_t next = desk != NULL && desk->tend != NULL ? desk->tend(desk) : TOOL_NEVER;
    return next < until_ms ? next : until_ms;
}

static int patience(int64_t until_ms)
{
    int64_t left = until_ms - tool_clock_ms();
    return left <= 0 ? 0 : left > LONGEST_MS ? LONGEST_MS : (int)left;
}

bool tool_session_turn(tool_session *self, int64_t until_ms)
{
    const tool_desk *desk = self->request->desk;
    struct pollfd fds[] = {
        {.fd = autobus_bus_fd(self->bus), .events = POLLIN},
        {.fd = self->signals, .events = POLLIN},
        {.fd = self->is_mute ? -1 : STDOUT_FILENO}, /* only to hear of its end */
        {.fd = self->input, .events = POLLIN},
        {.fd = desk != NULL ? desk->wakes : -1, .events = POLLIN},
    };
    if (self->is_over) {
        return false;
    }
    int ready = poll(fds, sizeof fds / sizeof *fds, patience(tend(self, until_ms)));
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
    if (!tool_flush()) {
        tool_session_end(self, TOOL_DONE);
    }
}

bool tool_session_await(tool_session *self, const bool *flag, int64_t until_ms)
{
    while (!*flag && tool_clock_ms() < until_ms && tool_session_turn(self, until_ms)) {
    }
    return *flag;
}
