/* SPDX-License-Identifier: MIT
 * One question to the network. */
#include "ls/list.h"

#include <stdlib.h>

#include <autobus/listener.h>

#include "ls/members.h"
#include "ls/print.h"
#include "ls/told.h"
#include "tool/absence.h"
#include "tool/clock.h"
#include "tool/session.h"
#include "tool/start.h"

enum {
    DEFAULT_LIMIT_MS = 1000,
    SLICE_MS = 200,
    PAUSE_MS = 50
};

/* A question under way. */
typedef struct question {
    const ls_request *request;
    tool_session session;
    int64_t end_ms;
} question;

static int left_ms(const question *self, int most_ms)
{
    int64_t left = self->end_ms - tool_clock_ms();
    return left <= 0 ? 0 : left < most_ms ? (int)left : most_ms;
}

/* Waits in slices, because a signal cannot end autobus_bus_settle(). */
static autobus_result settle(question *self)
{
    autobus_result result = AUTOBUS_TIMEOUT;
    while (result == AUTOBUS_TIMEOUT && left_ms(self, SLICE_MS) > 0) {
        result = autobus_bus_settle(self->session.bus, left_ms(self, SLICE_MS));
        if (!tool_session_turn(&self->session, 0)) {
            break;
        }
    }
    return result == AUTOBUS_TIMEOUT ? AUTOBUS_OK : result; /* then it lists what there is */
}

void ls_explain_nothing(const ls_request *request, autobus_bus *bus)
{
    const tool_request *asked = &request->asked;
    if (!asked->family.is_quiet) {
        tool_absence_explain(&asked->family, &asked->target.choice, bus);
    }
}

static autobus_result gather(const question *self, ls_entries *entries)
{
    autobus_filter *filter = NULL;
    autobus_sighting **sightings = NULL;
    size_t count = 0;
    autobus_result result = tool_choice_filter(&self->request->asked.target.choice, &filter);
    if (result == AUTOBUS_OK) {
        result = autobus_bus_enumerate(self->session.bus, filter, &sightings, &count);
    }
    for (size_t i = 0; i < count; i++) {
        ls_entries_add(entries, sightings[i]);
    }
    autobus_sightings_free(&sightings, count);
    ls_entries_sort(entries);
    return result;
}

/* A complete picture without what was asked for may lack an answer that was lost: the bus asks again a few
 * times in its first second, so an empty result takes all the time there is. */
static autobus_result ask(question *self, ls_entries *entries)
{
    for (;;) {
        autobus_result result = settle(self);
        if (result == AUTOBUS_OK && !self->session.is_over) {
            result = gather(self, entries);
        }
        int pause_ms = left_ms(self, PAUSE_MS);
        if (result != AUTOBUS_OK || self->session.is_over || entries->count > 0 || pause_ms == 0) {
            return result;
        }
        (void)tool_session_turn(&self->session, tool_clock_ms() + pause_ms);
    }
}

/* The code if there is nothing to list: it has been said why. */
static tool_exit explain(const question *self)
{
    const tool_request *asked = &self->request->asked;
    if (!tool_target_is_place(&asked->target)) {
        ls_explain_nothing(self->request, self->session.bus);
    } else if (!asked->family.is_quiet) {
        char *place = tool_target_words(&asked->target);
        tool_complain("no service at %s", place);
        free(place);
    }
    return TOOL_NOTHING;
}

static tool_exit find(question *self, ls_entries *entries)
{
    const tool_request *asked = &self->request->asked;
    if (tool_target_is_place(&asked->target)) {
        return ls_told_ask(self->request, &self->session, self->end_ms, entries);
    }
    autobus_result result = ask(self, entries);
    return result == AUTOBUS_OK ? TOOL_DONE : tool_complain_of(result);
}

static void answer(question *self)
{
    const tool_request *asked = &self->request->asked;
    ls_entries entries = {0};
    tool_exit code = find(self, &entries);
    if (asked->target.takes_any || asked->count > 0) {
        ls_entries_shorten(&entries, asked->target.takes_any ? 1 : (size_t)asked->count);
    }
    if (self->request->with_members && code == TOOL_DONE) {
        ls_members_ask(&entries, &self->session);
    }
    if (self->session.is_over) {
        code = self->session.code;
    } else if (code == TOOL_DONE && entries.count == 0) {
        code = explain(self);
    } else if (code == TOOL_DONE) {
        ls_print_list(self->request, &entries, stdout);
    }
    tool_session_end(&self->session, code);
    ls_entries_fini(&entries);
}

tool_exit ls_list(const ls_request *request)
{
    int limit_ms = request->asked.limit_ms;
    question self = {.request = request};
    if (tool_session_open(&self.session, &request->asked)) {
        self.end_ms = limit_ms > 0 ? tool_clock_ms() + limit_ms
                                   : tool_session_patience(&self.session, DEFAULT_LIMIT_MS);
        answer(&self);
    }
    return tool_session_close(&self.session);
}
