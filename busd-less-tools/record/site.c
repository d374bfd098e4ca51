/* SPDX-License-Identifier: MIT
 * A tie to the introspection of the bus, and a subject for each service in what it tells. */
#include "record/site.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/watch.h>
#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/details.h"
#include "tool/start.h"
#include "tool/text.h"
#include "tool/tie.h"

enum {
    PAUSE_MS =
        1000 /* before a service is tried again that ends its connections while it is there */
};

/* The tie comes first: it is what its callbacks are given. */
struct record_site {
    tool_tie tie;
    record_book *book;
    tool_place bus; /* the place, without an id; parts of the request's */
    json_object *details;
    record_subject **subjects;
    size_t count;
    int64_t again_ms; /* when to read the details again */
    bool has_matched;
    bool has_told_absence;
};

static const tool_target *target_of(const record_site *self)
{
    return &self->tie.session->request->target;
}

static void heard_details(void *userdata, const autobus_message *message)
{
    record_site *self = userdata;
    autobus_kind kind = autobus_message_kind(message);
    if (kind != AUTOBUS_VALUE && kind != AUTOBUS_GONE) {
        return;
    }
    json_object_put(self->details);
    self->details = kind == AUTOBUS_VALUE ? autobus_message_take(message) : NULL;
    self->again_ms = 0;
}

static void attach(tool_tie *tie)
{
    autobus_result result = autobus_watch(tie->remote, "details", heard_details, tie, NULL, NULL);
    if (result != AUTOBUS_OK) {
        tool_session_end(tie->session, tool_complain_of(result));
    }
}

static bool is_chosen(const record_site *self, const char *id, json_object *info)
{
    static const char own[] = "autobus.";
    const tool_target *target = target_of(self);
    if (target->place.id != NULL) {
        return strcmp(target->place.id, id) == 0;
    }
    const char *type = json_object_get_string(json_object_object_get(info, "type"));
    return !tool_choice_hides_library(&target->choice) || type == NULL ||
           strncmp(type, own, sizeof own - 1) != 0;
}

static record_subject *find(const record_site *self, const char *id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(record_subject_id(self->subjects[i]), id) == 0) {
            return self->subjects[i];
        }
    }
    return NULL;
}

static record_subject *add(record_site *self, const char *id, const char *info)
{
    self->subjects =
        tool_text_checked(reallocarray(self->subjects, self->count + 1, sizeof *self->subjects));
    self->subjects[self->count] =
        record_subject_new(self->tie.session, self->book, id, info, &self->bus);
    self->has_matched = true;
    return self->subjects[self->count++];
}

/* An info that has changed is another service, as discovery has it. */
static bool is_there(const record_site *self, const record_subject *subject)
{
    json_object *entry = tool_details_entry(self->details, record_subject_id(subject));
    json_object *info = json_object_object_get(entry, "info");
    return info != NULL &&
           record_subject_is(subject, record_subject_id(subject), json_object_to_json_string(info));
}

/* Those that are not there any more, and those whose connection has ended. */
static void drop(record_site *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        record_subject *one = self->subjects[i];
        bool is_dead = record_subject_is_dead(one);
        if (!is_dead && is_there(self, one)) {
            self->subjects[kept++] = one;
            continue;
        }
        record_subject_leave(one);
        record_subject_free(&one);
        if (is_dead) {
            self->again_ms = tool_clock_ms() + PAUSE_MS;
        }
    }
    self->count = kept;
}

static void tell_absence(record_site *self)
{
    const char *id = target_of(self)->place.id;
    bool is_absent = id != NULL && self->details != NULL && find(self, id) == NULL;
    if (is_absent && !self->has_told_absence) {
        char *instead = tool_details_instead_of_id(self->details, id);
        tool_family_note(&self->tie.session->request->family, "there is no '%s' at %s now%s%s", id,
                         self->tie.words, instead != NULL ? ". " : "; waiting for it",
                         instead != NULL ? instead : "");
        free(instead);
    }
    self->has_told_absence = is_absent;
}

static void read_details(record_site *self)
{
    self->again_ms = TOOL_NEVER;
    drop(self);
    if (!json_object_is_type(self->details, json_type_object)) {
        return;
    }
    struct json_object_iterator end = json_object_iter_end(self->details);
    struct json_object_iterator at = json_object_iter_begin(self->details);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *id = json_object_iter_peek_name(&at);
        json_object *entry = tool_details_entry(self->details, id);
        json_object *info = json_object_object_get(entry, "info");
        if (info == NULL || !is_chosen(self, id, info)) {
            continue;
        }
        record_subject *one = find(self, id);
        one = one != NULL ? one : add(self, id, json_object_to_json_string(info));
        record_subject_learn(one, entry);
    }
    tell_absence(self);
}

static void heed_deaths(record_site *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (record_subject_is_dead(self->subjects[i])) {
            drop(self);
            return;
        }
    }
}

int64_t record_site_tend(record_site *self)
{
    int64_t next = tool_tie_tend(&self->tie);
    heed_deaths(self);
    if (tool_clock_ms() >= self->again_ms) {
        read_details(self);
    }
    for (size_t i = 0; i < self->count && !self->tie.session->is_over; i++) {
        int64_t due = record_subject_tend(self->subjects[i]);
        next = due < next ? due : next;
    }
    return self->again_ms < next ? self->again_ms : next;
}

bool record_site_has_matched(const record_site *self)
{
    return self->has_matched;
}

record_site *record_site_new(tool_session *session, record_book *book)
{
    record_site *self = tool_text_checked(calloc(1, sizeof *self));
    self->book = book;
    self->bus = session->request->target.place;
    self->bus.id = NULL;
    self->again_ms = TOOL_NEVER;
    tool_tie_init_to_place(&self->tie, session, attach, &self->bus);
    return self;
}

void record_site_free(record_site **site)
{
    record_site *self = *site;
    *site = NULL;
    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        record_subject_free(&self->subjects[i]);
    }
    tool_tie_fini(&self->tie);
    json_object_put(self->details);
    free(self->subjects);
    free(self);
}
