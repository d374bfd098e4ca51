/* SPDX-License-Identifier: MIT
 * One question to the network. */
#include "ls/list.h"

#include <poll.h>
#include <signal.h>

#include <autobus/listener.h>

#include "ls/print.h"
#include "tool/absence.h"
#include "tool/clock.h"
#include "tool/signals.h"
#include "tool/start.h"

enum {
    DEFAULT_LIMIT_MS = 1000,
    SLICE_MS = 200,
    PAUSE_MS = 50
};

/* A question under way, and what may end it early. */
typedef struct question {
    autobus_bus *bus;
    const ls_request *request;
    int signals;
    int64_t end_ms;
    bool is_interrupted;
} question;

static int left_ms(const question *self, int most_ms)
{
    int64_t left = self->end_ms - tool_clock_ms();
    return left <= 0 ? 0 : left < most_ms ? (int)left : most_ms;
}

static void heed_signals(question *self)
{
    for (int signal; (signal = tool_signals_next(self->signals)) != 0;) {
        if (signal == SIGTSTP) {
            tool_signals_pause();
        } else if (signal != SIGWINCH) {
            self->is_interrupted = true;
        }
    }
}

/* Waits in slices, because a signal cannot end autobus_bus_settle(). */
static autobus_result settle(question *self)
{
    autobus_result result = AUTOBUS_TIMEOUT;
    while (result == AUTOBUS_TIMEOUT && !self->is_interrupted && left_ms(self, SLICE_MS) > 0) {
        result = autobus_bus_settle(self->bus, left_ms(self, SLICE_MS));
        heed_signals(self);
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
        result = autobus_bus_enumerate(self->bus, filter, &sightings, &count);
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
        if (result == AUTOBUS_OK && !self->is_interrupted) {
            result = gather(self, entries);
        }
        int pause_ms = left_ms(self, PAUSE_MS);
        if (result != AUTOBUS_OK || self->is_interrupted || entries->count > 0 || pause_ms == 0) {
            return result;
        }
        poll(&(struct pollfd){.fd = self->signals, .events = POLLIN}, 1, pause_ms);
        heed_signals(self);
    }
}

static tool_exit answer(question *self)
{
    ls_entries entries = {0};
    autobus_result result = ask(self, &entries);
    tool_exit code = TOOL_DONE;
    if (self->is_interrupted) {
        code = TOOL_INTERRUPTED;
    } else if (result != AUTOBUS_OK) {
        code = tool_complain_of(result);
    } else if (entries.count == 0) {
        ls_explain_nothing(self->request, self->bus);
        code = TOOL_NOTHING;
    } else {
        ls_print_list(self->request, &entries, stdout);
    }
    ls_entries_fini(&entries);
    return code;
}

tool_exit ls_list(const ls_request *request, int signals)
{
    int limit_ms = request->asked.limit_ms > 0 ? request->asked.limit_ms : DEFAULT_LIMIT_MS;
    question self = {.request = request, .signals = signals, .end_ms = tool_clock_ms() + limit_ms};
    autobus_result result = tool_family_bus(&request->asked.family, false, &self.bus);
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    tool_exit code = answer(&self);
    autobus_bus_free(&self.bus);
    return code;
}
