/* SPDX-License-Identifier: MIT
 * Lines become services, values and events. What our library would not let anybody offer, such as a name with control
 * characters, is left out: the recording may have it from elsewhere. */
#include "replay/cast.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <autobus/service.h>
#include <json-c/json.h>

#include "tool/text.h"

enum {
    LOOKING_MS = 1000
};

struct replay_role {
    char *id; /* in the recording */
    autobus_service *service;
    bool has_entered;
    bool has_complained; /* once is enough */
};

static const tool_family *family_of(const replay_cast *self)
{
    return &self->session->request->family;
}

static void leave_out(const replay_cast *self, replay_role *role, const char *name)
{
    if (!role->has_complained) {
        tool_family_note(family_of(self), "%s%s%s is left out: %s", role->id,
                         *name != '\0' ? ": " : "", name, autobus_last_error());
        role->has_complained = true;
    }
}

static replay_role *find(const replay_cast *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->roles[i].id, id) == 0) {
            return &self->roles[i];
        }
    }
    return NULL;
}

static void free_role(const replay_cast *self, replay_role *role)
{
    if (autobus_service_is_published(role->service) && family_of(self)->verbosity > 0) {
        tool_family_note(family_of(self), "%s leaves", role->id);
    }
    autobus_service_free(&role->service);
    free(role->id);
}

static void leave(replay_cast *self, const char *id)
{
    replay_role *role = find(self, id);
    if (role != NULL) {
        free_role(self, role);
        *role = self->roles[--self->count];
    }
}

static void appear(replay_cast *self, const replay_line *line)
{
    json_object *info = json_object_get(line->content);
    leave(self, line->service);
    if (self->count == self->room) {
        self->room = self->room * 2 + 16;
        self->roles = tool_text_checked(reallocarray(self->roles, self->room, sizeof *self->roles));
    }
    replay_role *role = &self->roles[self->count++];
    *role = (replay_role){
        .id = tool_text_checked(strdup(line->service)),
        .service = tool_text_checked(autobus_service_new(self->session->bus, info)),
    };
    (void)autobus_service_set_doc(role->service, line->doc);
}

static const char *description_of(const replay_line *line)
{
    return line->description != NULL ? json_object_to_json_string(line->description) : NULL;
}

static autobus_result add(replay_role *role, const replay_line *line, const char *description)
{
    return line->is_event ? autobus_service_add_event(role->service, line->name, description)
                          : autobus_service_add_object(role->service, line->name, description,
                                                       json_object_get(line->content));
}

/* A description that nobody could give here does not keep its object away. */
static void add_member(replay_cast *self, replay_role *role, const replay_line *line)
{
    autobus_result result = add(role, line, description_of(line));
    if (result == AUTOBUS_INVALID && line->description != NULL) {
        char *what = tool_text_format("what is said of '%s'", line->name);
        leave_out(self, role, what);
        free(what);
        result = add(role, line, NULL);
    }
    if (result != AUTOBUS_OK && result != AUTOBUS_IN_USE) {
        leave_out(self, role, line->name);
    }
}

static autobus_result tell(const replay_role *role, const replay_line *line)
{
    json_object *content = json_object_get(line->content);
    return line->kind == REPLAY_FIRED ? autobus_service_fire(role->service, line->name, content)
                                      : autobus_service_set(role->service, line->name, content);
}

/* A value or a fired event, of what may not be there yet. */
static void play_news(replay_cast *self, replay_role *role, const replay_line *line)
{
    autobus_result result = tell(role, line);
    if (result == AUTOBUS_NOT_FOUND) {
        add_member(self, role, line);
        if (line->kind == REPLAY_FIRED) {
            (void)tell(role, line);
        }
    } else if (result != AUTOBUS_OK) {
        leave_out(self, role, line->name);
    }
}

bool replay_cast_play(replay_cast *self, const replay_line *line, char **ret_mistake)
{
    if (line->kind == REPLAY_OTHER) {
        return true;
    }
    if (line->kind == REPLAY_APPEARED) {
        appear(self, line);
        return true;
    }
    replay_role *role = find(self, line->service);
    if (role == NULL) {
        *ret_mistake =
            tool_text_format("tells of the service '%s', which is not there", line->service);
        return false;
    }
    switch (line->kind) {
    case REPLAY_LEFT: leave(self, line->service); break;
    case REPLAY_EVENT: add_member(self, role, line); break;
    case REPLAY_GONE:
        (void)(line->is_event ? autobus_service_remove_event(role->service, line->name)
                              : autobus_service_remove_object(role->service, line->name));
        break;
    default: play_news(self, role, line); break;
    }
    return true;
}

static bool is_on_network(const replay_cast *self, const char *id)
{
    autobus_sighting *sighting = NULL;
    autobus_result result = autobus_bus_find(self->session->bus, id, &sighting);
    autobus_sighting_free(&sighting);
    return result == AUTOBUS_OK || result == AUTOBUS_AMBIGUOUS;
}

/* Somebody records what we replay, and we replay what he records: without end, if nobody minds. */
static bool is_echo(const replay_cast *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++) {
        const autobus_service *service = self->roles[i].service;
        if (autobus_service_is_published(service) && strcmp(autobus_service_id(service), id) == 0) {
            return true;
        }
    }
    return false;
}

/* Why it is not to be published; NULL if it is. */
static const char *obstacle(const replay_cast *self, const char *id)
{
    if (is_echo(self, id)) {
        return "it is one of those that are replayed";
    }
    return !self->takes_new_ids && is_on_network(self, id)
               ? "it is on the network already; --new-ids would offer another one"
               : NULL;
}

static void enter(replay_cast *self, replay_role *role)
{
    const char *why_not = obstacle(self, role->id);
    role->has_entered = true;
    if (why_not != NULL) {
        tool_family_note(family_of(self), "%s is left out: %s", role->id, why_not);
        return;
    }
    if (!self->takes_new_ids && autobus_service_set_id(role->service, role->id) != AUTOBUS_OK) {
        leave_out(self, role, "its id");
    }
    if (autobus_service_publish(role->service) != AUTOBUS_OK) {
        leave_out(self, role, "");
    } else if (family_of(self)->verbosity > 0) {
        tool_family_note(family_of(self), "%s appears as %s", role->id,
                         autobus_service_id(role->service));
    }
}

void replay_cast_init(replay_cast *self, tool_session *session, bool takes_new_ids)
{
    *self = (replay_cast){.session = session, .takes_new_ids = takes_new_ids};
    if (!takes_new_ids) {
        (void)autobus_bus_settle(session->bus, LOOKING_MS);
    }
}

void replay_cast_enter(replay_cast *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!self->roles[i].has_entered) {
            enter(self, &self->roles[i]);
        }
    }
}

void replay_cast_leave(replay_cast *self)
{
    while (self->count > 0) {
        free_role(self, &self->roles[--self->count]);
    }
}

void replay_cast_fini(replay_cast *self)
{
    replay_cast_leave(self);
    free(self->roles);
    *self = (replay_cast){0};
}
