/* SPDX-License-Identifier: MIT
 * Tying, and telling how the tie holds. */
#include "tool/tie.h"

#include <stdlib.h>
#include <string.h>

#include "tool/clock.h"
#include "tool/search.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 2000, /* then it says that nothing is there, and goes on waiting */
    PAUSE_MS = 200,
    LONGEST_PAUSE_MS = 5000
};

static const tool_target *target_of(const tool_tie *self)
{
    return &self->session->request->target;
}

static const tool_family *family_of(const tool_tie *self)
{
    return &self->session->request->family;
}

/* The introspection of a bus has another id after each restart, and nobody has asked for it. */
static void heard_bound(tool_tie *self, const char *service)
{
    bool is_bus = self->place != NULL && self->place->id == NULL;
    const char *id = is_bus ? self->words : service;
    if (self->bound != NULL && strcmp(self->bound, id) == 0) {
        tool_family_note(family_of(self), "%s is back", id);
    } else if (self->bound != NULL && !target_of(self)->takes_each) {
        tool_family_note(family_of(self), "%s is there in its place", id);
    } else if (family_of(self)->verbosity > 0 || self->has_told_loss) {
        tool_family_note(family_of(self), "%s is there", id);
    }
    free(self->bound);
    self->bound = tool_text_checked(strdup(id));
    self->is_bound = true;
    self->has_told_loss = false;
    self->pause_ms = PAUSE_MS;
}

static void heard_lost(tool_tie *self, const autobus_message *message)
{
    const char *why = autobus_message_error(message);
    const char *id = autobus_message_service(message);
    bool is_place = self->place != NULL;
    if (target_of(self)->takes_each) {
        tool_family_note(family_of(self), "%s is lost: %s", id, why);
    } else if (!self->has_told_loss) {
        tool_family_note(family_of(self), "%s is %s: %s; waiting for %s",
                         is_place ? self->words : id, self->is_bound ? "lost" : "not there", why,
                         is_place ? "it" : self->words);
        self->has_told_loss = true;
    }
    self->is_bound = false;
    if (is_place) {
        self->is_dead = true;
        self->again_ms = tool_clock_ms() + self->pause_ms;
        self->pause_ms =
            self->pause_ms * 2 < LONGEST_PAUSE_MS ? self->pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}

static void heard_state(void *userdata, const autobus_message *message)
{
    tool_tie *self = userdata;
    const char *id = autobus_message_service(message);
    switch (autobus_message_kind(message)) {
    case AUTOBUS_BOUND: heard_bound(self, id); break;
    case AUTOBUS_LOST: heard_lost(self, message); break;
    case AUTOBUS_UNRESPONSIVE:
        tool_family_note(family_of(self), "%s has been silent for a while; it is still connected",
                         id);
        break;
    case AUTOBUS_RESPONSIVE: tool_family_note(family_of(self), "%s speaks again", id); break;
    default: break;
    }
}

static void take_remote(tool_tie *self, autobus_result result)
{
    if (result == AUTOBUS_OK) {
        result = autobus_remote_on_state(self->remote, true, heard_state, self, NULL, NULL);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(self->session, tool_complain_of(result));
        return;
    }
    self->attach(self);
}

static void tie_to_place(tool_tie *self)
{
    self->is_dead = false;
    take_remote(self, autobus_connect_to(self->session->bus, self->place->host, self->place->port,
                                         self->place->id, 0, &self->remote));
}

static void tie_to_choice(tool_tie *self)
{
    autobus_filter *filter = NULL;
    autobus_bus *bus = self->session->bus;
    autobus_result result = tool_choice_filter(&target_of(self)->choice, &filter);
    if (result == AUTOBUS_OK) {
        result = target_of(self)->takes_each ? autobus_multi_new(bus, filter, &self->remote)
                                             : autobus_proxy_new(bus, filter, &self->remote);
    }
    take_remote(self, result);
}

/* Whether one service is meant, as far as can be seen now. */
static bool is_clear(tool_tie *self, int64_t until_ms)
{
    int64_t patience = tool_session_patience(self->session, PATIENCE_MS);
    int64_t end = until_ms < patience ? until_ms : patience;
    tool_search search;
    tool_exit code = tool_search_run(&search, self->session, end);
    tool_search_fini(&search);
    if (code == TOOL_NOTHING) {
        if (end < until_ms) {
            tool_family_hint(family_of(self), "Waiting for %s.", self->words);
            self->has_told_loss = true;
        }
        return true;
    }
    if (code != TOOL_DONE) {
        tool_session_end(self->session, code);
    }
    return code == TOOL_DONE;
}

void tool_tie_init(tool_tie *self, tool_session *session, void (*attach)(tool_tie *self),
                   int64_t until_ms)
{
    if (tool_target_is_place(&session->request->target)) {
        tool_tie_init_to_place(self, session, attach, &session->request->target.place);
        return;
    }
    *self = (tool_tie){.session = session, .attach = attach, .pause_ms = PAUSE_MS};
    self->words = tool_target_words(target_of(self));
    if (target_of(self)->takes_any || target_of(self)->takes_each || is_clear(self, until_ms)) {
        tie_to_choice(self);
    }
}

void tool_tie_init_to_place(tool_tie *self, tool_session *session, void (*attach)(tool_tie *self),
                            const tool_place *place)
{
    *self = (tool_tie){.session = session, .attach = attach, .place = place, .pause_ms = PAUSE_MS};
    self->words = tool_place_words(place);
    tie_to_place(self);
}

void tool_tie_fini(tool_tie *self)
{
    autobus_remote_free(&self->remote);
    free(self->words);
    free(self->bound);
    *self = (tool_tie){0};
}

int64_t tool_tie_tend(tool_tie *self)
{
    if (!self->is_dead) {
        return TOOL_NEVER;
    }
    if (tool_clock_ms() < self->again_ms) {
        return self->again_ms;
    }
    autobus_remote_free(&self->remote);
    tie_to_place(self);
    return TOOL_NEVER;
}
