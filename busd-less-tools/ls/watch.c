/* SPDX-License-Identifier: MIT
 * A listener in the session's loop, and what it tells on a screen or line by line. */
#include "ls/watch.h"

#include <stdlib.h>

#include <autobus/listener.h>

#include "ls/list.h"
#include "ls/print.h"
#include "ls/screen.h"
#include "tool/clock.h"
#include "tool/session.h"
#include "tool/signals.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    MARK_MS = 3000,
    REDRAW_MS = 40
};

typedef struct watch {
    ls_request *request;
    tool_session session;
    ls_entries entries;
    bool is_screen;
    bool is_dirty; /* the screen shows less than we know */
    long heard;    /* changes, ever */
    long most;     /* changes; 0: no end */
    int64_t drawn_ms;
    int64_t end_ms;
    char *asked;
} watch;

/* A line is told once and forgotten: a watch on a pipe takes no more memory after a year. */
static void tell(const ls_request *request, autobus_change change, const autobus_sighting *sighting)
{
    ls_entries alone = {0};
    ls_print_change(request, ls_entries_add(&alone, sighting), change, stdout);
    (void)tool_flush();
    ls_entries_fini(&alone);
}

static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    static const ls_mark marks[] = {LS_NEW, LS_GONE, LS_MOVED};
    watch *self = userdata;
    if (self->session.is_over) {
        return;
    }
    self->heard++;
    if (self->is_screen) {
        ls_entry *entry = ls_entries_put(&self->entries, sighting);
        entry->mark = marks[change];
        entry->mark_until_ms = tool_clock_ms() + MARK_MS;
        self->is_dirty = true;
    } else {
        tell(self->request, change, sighting);
    }
    if (self->heard == self->most) {
        tool_session_end(&self->session, TOOL_DONE);
    }
}

/* The time that was given is over. */
static void run_out(watch *self)
{
    if (self->heard > 0 && self->most > 0) {
        tool_complain("only %ld of %ld changes came within %g s", self->heard, self->most,
                      self->request->asked.limit_ms / 1000.0);
        tool_session_end(&self->session, TOOL_TIMEOUT);
    }
    tool_session_end(&self->session, self->heard > 0 ? TOOL_DONE : TOOL_NOTHING);
}

static void draw(watch *self)
{
    ls_entries_sort(&self->entries);
    ls_screen_draw(self->request, &self->entries, self->asked);
    self->is_dirty = false;
    self->drawn_ms = tool_clock_ms();
}

/* Until when it may sleep: a mark is over, the screen is due, or the watch ends. */
static int64_t next_ms(const watch *self)
{
    int64_t next = self->end_ms;
    int64_t mark = self->is_screen ? ls_entries_deadline(&self->entries) : -1;
    int64_t due = self->is_screen && self->is_dirty ? self->drawn_ms + REDRAW_MS : TOOL_NEVER;
    next = mark >= 0 && mark < next ? mark : next;
    return due < next ? due : next;
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
    ls_screen_leave();
    tool_signals_pause();
    ls_screen_enter();
    resize(self);
    self->session.is_to_pause = false;
}

static void run(watch *self)
{
    while (!self->session.is_over) {
        refresh(self);
        (void)tool_session_turn(&self->session, next_ms(self));
        tool_session_flush(&self->session);
        if (self->session.is_to_pause) {
            pause_watch(self);
        }
        if (self->session.is_resized) {
            self->session.is_resized = false;
            resize(self);
        }
        if (tool_clock_ms() >= self->end_ms) {
            run_out(self);
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

static void watch_on(watch *self)
{
    autobus_filter *filter = NULL;
    autobus_listener *listener = NULL;
    autobus_result result = tool_choice_filter(&self->request->asked.target.choice, &filter);
    if (result == AUTOBUS_OK) {
        result =
            autobus_listener_new(self->session.bus, filter, true, heard, self, NULL, &listener);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
        return;
    }
    if (self->is_screen) {
        ls_screen_enter();
    }
    run(self);
    if (self->is_screen) {
        leave(self);
    }
    if (self->session.code == TOOL_NOTHING) {
        ls_explain_nothing(self->request, self->session.bus);
    }
    autobus_listener_free(&listener);
}

/* What the library tells with -v would be drawn over, and so would what others print. */
static bool has_screen_for_itself(const ls_request *request)
{
    const tool_request *asked = &request->asked;
    return asked->paper.is_terminal && request->form == LS_TABLE && asked->family.verbosity == 0 &&
           (asked->desk == NULL || !asked->desk->has_company);
}

tool_exit ls_watch(ls_request *request)
{
    int limit_ms = request->asked.limit_ms;
    watch self = {.request = request,
                  .is_screen = has_screen_for_itself(request),
                  .is_dirty = true,
                  .most = request->asked.target.takes_any ? 1 : request->asked.count,
                  .end_ms = limit_ms > 0 ? tool_clock_ms() + limit_ms : TOOL_NEVER};
    if (tool_session_open(&self.session, &request->asked)) {
        self.session.goes_on_forever = true;
        self.session.pauses_itself = self.is_screen;
        self.asked = tool_text_checked(autobus_bus_interfaces(self.session.bus));
        watch_on(&self);
    }
    ls_entries_fini(&self.entries);
    free(self.asked);
    return tool_session_close(&self.session);
}
