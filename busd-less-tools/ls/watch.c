/* SPDX-License-Identifier: MIT
 * One loop over the bus's events, the signals and the clock; callbacks run in it, so that nothing here needs
 * a lock. */
#include "ls/watch.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <autobus/listener.h>

#include "ls/list.h"
#include "ls/print.h"
#include "ls/screen.h"
#include "tool/clock.h"
#include "tool/signals.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    MARK_MS = 3000,
    REDRAW_MS = 40
};

typedef struct watch {
    ls_request *request;
    ls_entries entries;
    bool is_screen;
    bool is_dirty;  /* the screen shows less than we know */
    bool has_heard; /* anything, ever */
    int64_t drawn_ms;
    int64_t end_ms; /* -1: never */
    char *asked;
} watch;

/* A line is told once and forgotten: a watch on a pipe takes no more memory after a year. */
static void tell(const ls_request *request, autobus_change change, const autobus_sighting *sighting)
{
    ls_entries alone = {0};
    ls_print_change(request, ls_entries_add(&alone, sighting), change, stdout);
    fflush(stdout);
    ls_entries_fini(&alone);
}

static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    static const ls_mark marks[] = {LS_NEW, LS_GONE, LS_MOVED};
    watch *self = userdata;
    self->has_heard = true;
    if (self->is_screen) {
        ls_entry *entry = ls_entries_put(&self->entries, sighting);
        entry->mark = marks[change];
        entry->mark_until_ms = tool_clock_ms() + MARK_MS;
        self->is_dirty = true;
    } else {
        tell(self->request, change, sighting);
    }
}

static void draw(watch *self)
{
    ls_entries_sort(&self->entries);
    ls_screen_draw(self->request, &self->entries, self->asked);
    self->is_dirty = false;
    self->drawn_ms = tool_clock_ms();
}

/* How long poll() may sleep: until a mark is over, the screen is due, or the watch ends. */
static int patience(const watch *self)
{
    int64_t now = tool_clock_ms();
    int64_t next = self->end_ms;
    int64_t mark = self->is_screen ? ls_entries_deadline(&self->entries) : -1;
    int64_t due = self->is_screen && self->is_dirty ? self->drawn_ms + REDRAW_MS : -1;
    next = mark >= 0 && (next < 0 || mark < next) ? mark : next;
    next = due >= 0 && (next < 0 || due < next) ? due : next;
    if (next < 0) {
        return -1;
    }
    return next <= now ? 0 : next - now > 60000 ? 60000 : (int)(next - now);
}

static void refresh(watch *self)
{
    if (!self->is_screen) {
        return;
    }
    int64_t now = tool_clock_ms();
    if (ls_entries_age(&self->entries, now) > 0) {
        self->is_dirty = true;
    }
    if (self->is_dirty && now >= self->drawn_ms + REDRAW_MS) {
        draw(self);
    }
}

static void resize(watch *self)
{
    tool_paper_look(&self->request->asked.paper, self->request->asked.family.colour);
    self->is_dirty = true;
}

static void pause_watch(watch *self)
{
    if (self->is_screen) {
        ls_screen_leave();
    }
    tool_signals_pause();
    if (self->is_screen) {
        ls_screen_enter();
        resize(self);
    }
}

/* Whether a signal ends the watch, and how. */
static bool ends(watch *self, int signal, tool_exit *ret_code)
{
    switch (signal) {
    case SIGINT: *ret_code = TOOL_INTERRUPTED; return true;
    case SIGTERM:
    case SIGHUP: *ret_code = TOOL_DONE; return true;
    case SIGTSTP: pause_watch(self); return false;
    case SIGWINCH: resize(self); return false;
    default: return false;
    }
}

static tool_exit run(watch *self, autobus_bus *bus, int signals)
{
    struct pollfd fds[] = {
        {.fd = autobus_bus_fd(bus), .events = POLLIN},
        {.fd = signals, .events = POLLIN},
        {.fd = STDOUT_FILENO}, /* only to hear of its end */
    };
    for (;;) {
        tool_exit code = TOOL_DONE;
        refresh(self);
        if (ferror(stdout) || (poll(fds, 3, patience(self)) > 0 && fds[2].revents != 0)) {
            return TOOL_DONE;
        }
        for (int signal; (signal = tool_signals_next(signals)) != 0;) {
            if (ends(self, signal, &code)) {
                return code;
            }
        }
        if (autobus_bus_dispatch(bus) < 0) {
            return tool_complain_of(AUTOBUS_FAILED);
        }
        if (self->end_ms >= 0 && tool_clock_ms() >= self->end_ms) {
            return self->has_heard ? TOOL_DONE : TOOL_NOTHING;
        }
    }
}

/* What was on the second screen when it ended, on the first, without what is gone. */
static void leave(watch *self)
{
    ls_entries_age(&self->entries, INT64_MAX);
    ls_entries_sort(&self->entries);
    ls_screen_leave();
    if (self->entries.count > 0) {
        ls_print_list(self->request, &self->entries, stdout);
    }
}

static tool_exit watch_on(watch *self, autobus_bus *bus, int signals)
{
    autobus_filter *filter = NULL;
    autobus_listener *listener = NULL;
    autobus_result result = tool_choice_filter(&self->request->asked.target.choice, &filter);
    if (result == AUTOBUS_OK) {
        result = autobus_listener_new(bus, filter, true, heard, self, NULL, &listener);
    }
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    if (self->is_screen) {
        ls_screen_enter();
    }
    tool_exit code = run(self, bus, signals);
    if (self->is_screen) {
        leave(self);
    }
    if (code == TOOL_NOTHING) {
        ls_explain_nothing(self->request, bus);
    }
    autobus_listener_free(&listener);
    return code;
}

tool_exit ls_watch(ls_request *request, int signals)
{
    autobus_bus *bus = NULL;
    autobus_result result = tool_family_bus(&request->asked.family, true, &bus);
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    watch self = {
        .request = request,
        /* What the library tells with -v would be drawn over. */
        .is_screen = request->asked.paper.is_terminal && request->form == LS_TABLE &&
                     request->asked.family.verbosity == 0,
        .is_dirty = true,
        .end_ms = request->asked.limit_ms > 0 ? tool_clock_ms() + request->asked.limit_ms : -1,
        .asked = tool_text_checked(autobus_bus_interfaces(bus)),
    };
    tool_exit code = watch_on(&self, bus, signals);
    autobus_bus_free(&bus);
    ls_entries_fini(&self.entries);
    free(self.asked);
    return code;
}
