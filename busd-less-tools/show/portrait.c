/* SPDX-License-Identifier: MIT
 * Gathering what a portrait shows. */
#include "show/portrait.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/watch.h>
#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/text.h"

/* The values of one service's objects as they come in. */
typedef struct sitting {
    autobus_remote *remote;
    json_object *values;
    size_t expected, heard;
    bool is_bound, is_over, is_complete;
} sitting;

static void heard_state(void *userdata, const autobus_message *message)
{
    sitting *self = userdata;
    self->is_bound = self->is_bound || autobus_message_kind(message) == AUTOBUS_BOUND;
    self->is_over = self->is_bound || autobus_message_kind(message) == AUTOBUS_LOST;
}

/* The first of each counts: it is the value of now, or that there is none. */
static void heard_value(void *userdata, const autobus_message *message)
{
    sitting *self = userdata;
    const char *name = autobus_message_name(message);
    if (json_object_object_get_ex(self->values, name, NULL)) {
        return;
    }
    if (autobus_message_kind(message) == AUTOBUS_VALUE) {
        json_object_object_add(self->values, name, autobus_message_take(message));
    }
    self->heard++;
    self->is_complete = self->heard >= self->expected;
}

static void watch_all(sitting *self, tool_session *session, json_object *objects, int64_t until_ms)
{
    const char **names = tool_details_names(objects, &self->expected);
    for (size_t i = 0; i < self->expected; i++) {
        if (autobus_watch(self->remote, names[i], heard_value, self, NULL, NULL) != AUTOBUS_OK) {
            self->heard++;
        }
    }
    self->is_complete = self->heard >= self->expected;
    (void)tool_session_await(session, &self->is_complete, until_ms);
    free(names);
}

static void ask_values(show_portrait *self, tool_session *session, json_object *objects,
                       int64_t until_ms)
{
    sitting sitter = {.values = self->values};
    if (tool_subject_connect(&self->subject, session, &sitter.remote) != AUTOBUS_OK) {
        return;
    }
    /* Bound first: before that every object would be told as gone. */
    if (autobus_remote_on_state(sitter.remote, true, heard_state, &sitter, NULL, NULL) ==
            AUTOBUS_OK &&
        tool_session_await(session, &sitter.is_over, until_ms) && sitter.is_bound) {
        watch_all(&sitter, session, objects, until_ms);
    }
    autobus_remote_free(&sitter.remote);
}

static json_object *info_of(const tool_subject *subject, json_object *entry)
{
    if (subject->sighting != NULL) {
        return tool_json_info(subject->sighting);
    }
    json_object *info = json_object_object_get(entry, "info");
    return json_object_is_type(info, json_type_object) ? json_object_get(info) : NULL;
}

void show_portrait_init(show_portrait *self, const tool_subject *subject, json_object *entry,
                        tool_session *session, int64_t until_ms)
{
    *self = (show_portrait){
        .subject = *subject,
        .info = info_of(subject, entry),
        .entry = entry,
        .values = tool_text_checked(json_object_new_object()),
    };
    json_object *objects = tool_details_members(entry, "objects");
    if (objects != NULL && json_object_object_length(objects) > 0 && !session->is_over) {
        ask_values(self, session, objects, until_ms);
    }
}

void show_portrait_fini(show_portrait *self)
{
    json_object_put(self->info);
    json_object_put(self->entry);
    json_object_put(self->values);
    *self = (show_portrait){0};
}
