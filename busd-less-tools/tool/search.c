/* SPDX-License-Identifier: MIT
 * Listening until it is decided. */
#include "tool/search.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <json-c/json.h>

#include "tool/absence.h"
#include "tool/clock.h"
#include "tool/quote.h"
#include "tool/start.h"
#include "tool/summary.h"
#include "tool/text.h"

enum {
    /* A quiet network of ten buses has answered in 10 ms; a call is to be over in 50. */
    MOMENT_MS = 20,
    SLICE_MS = 50,
    SHOWN_MOST = 20
};

static bool is_same(const autobus_sighting *a, const autobus_sighting *b)
{
    return strcmp(autobus_sighting_id(a), autobus_sighting_id(b)) == 0 &&
           strcmp(autobus_sighting_info_text(a), autobus_sighting_info_text(b)) == 0;
}

static void drop(tool_search *self, const autobus_sighting *sighting)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (is_same(self->found[i], sighting)) {
            autobus_sighting_free(&self->found[i]);
        } else {
            self->found[kept++] = self->found[i];
        }
    }
    self->count = kept;
}

static void add(tool_search *self, const autobus_sighting *sighting)
{
    if (self->count == self->room) {
        self->room = self->room == 0 ? 16 : self->room * 2;
        self->found = tool_text_checked(reallocarray(self->found, self->room, sizeof *self->found));
    }
    if (self->count == 0) {
        self->first_ms = tool_clock_ms();
    }
    self->found[self->count++] = tool_text_checked(autobus_sighting_keep(sighting));
}

static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    drop(userdata, sighting);
    if (change != AUTOBUS_LEFT) {
        add(userdata, sighting);
    }
}

/* All that are there: the bus knows when its picture is complete. */
static void gather(tool_search *self, tool_session *session, int64_t until_ms)
{
    autobus_result result = AUTOBUS_TIMEOUT;
    while (result == AUTOBUS_TIMEOUT && tool_clock_ms() < until_ms) {
        if (!tool_session_turn(session, 0)) {
            return;
        }
        result = autobus_bus_settle(session->bus, SLICE_MS);
    }
    (void)tool_session_turn(session, 0); /* what it settled on */
    while (self->count == 0 && tool_clock_ms() < until_ms && tool_session_turn(session, until_ms)) {
    }
}

static void look(tool_search *self, tool_session *session, int64_t until_ms)
{
    const tool_target *target = &session->request->target;
    if (target->takes_each) {
        gather(self, session, until_ms);
        return;
    }
    if (tool_session_knows_all(session) && tool_session_turn(session, 0) && self->count > 0) {
        return;
    }
    bool is_hasty = target->takes_any || target->choice.id != NULL;
    for (;;) {
        int64_t now = tool_clock_ms();
        int64_t end = self->count == 0 ? until_ms : self->first_ms + (is_hasty ? 0 : MOMENT_MS);
        if (now >= end || !tool_session_turn(session, end)) {
            return;
        }
    }
}

/* One line, as it can be typed to choose it. */
static void show_one(const tool_family *family, const autobus_sighting *sighting)
{
    tool_summary summary;
    json_object *info = tool_text_checked(autobus_sighting_info(sighting));
    tool_summary_init(&summary, info, autobus_sighting_host(sighting),
                      autobus_sighting_port(sighting));
    char *id = tool_quote(autobus_sighting_id(sighting));
    const char *words[] = {summary.type, summary.name, summary.host, summary.address, summary.rest};
    char *line = tool_text_format("-s %s", id);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *longer = tool_text_format("%s%s%s", line, *words[i] == '\0' ? "" : "  ", words[i]);
        free(line);
        line = longer;
    }
    tool_family_hint(family, "%s", line);
    free(line);
    free(id);
    json_object_put(info);
    tool_summary_fini(&summary);
}

static int by_id(const void *left, const void *right)
{
    return strcmp(autobus_sighting_id(*(autobus_sighting *const *)left),
                  autobus_sighting_id(*(autobus_sighting *const *)right));
}

/* In the same order each time. */
static tool_exit complain_of_several(tool_search *self, const tool_request *request)
{
    char *words = tool_choice_words(&request->target.choice);
    qsort(self->found, self->count, sizeof *self->found, by_id);
    tool_complain("%zu services match %s: choose one of them, or --any, or --each", self->count,
                  words);
    for (size_t i = 0; i < self->count && i < SHOWN_MOST; i++) {
        show_one(&request->family, self->found[i]);
    }
    if (self->count > SHOWN_MOST) {
        tool_family_hint(&request->family, "and %zu more: autobus-ls shows them",
                         self->count - SHOWN_MOST);
    }
    free(words);
    return TOOL_AMBIGUOUS;
}

static tool_exit judge(tool_search *self, const tool_session *session)
{
    const tool_request *request = session->request;
    if (session->is_over) {
        return session->code;
    }
    if (self->count == 0) {
        tool_absence_explain(&request->family, &request->target.choice, session->bus);
        return TOOL_NOTHING;
    }
    if (self->count > 1 && !request->target.takes_any && !request->target.takes_each) {
        return complain_of_several(self, request);
    }
    return TOOL_DONE;
}

tool_exit tool_search_run(tool_search *self, tool_session *session, int64_t until_ms)
{
    autobus_filter *filter = NULL;
    autobus_listener *listener = NULL;
    *self = (tool_search){0};
    autobus_result result = tool_choice_filter(&session->request->target.choice, &filter);
    if (result == AUTOBUS_OK) {
        result = autobus_listener_new(session->bus, filter, true, heard, self, NULL, &listener);
    }
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    look(self, session, until_ms);
    autobus_listener_free(&listener);
    return judge(self, session);
}

void tool_search_fini(tool_search *self)
{
    for (size_t i = 0; i < self->count; i++) {
        autobus_sighting_free(&self->found[i]);
    }
    free(self->found);
    *self = (tool_search){0};
}
