/* SPDX-License-Identifier: MIT
 * A proxy for one id, with a subscription for each object and event. */
#include "record/subject.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/remote.h>
#include <autobus/watch.h>
#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/details.h"
#include "tool/json.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    GATHERING_MS = 1000 /* then it is written as far as it is known */
};

/** An object or an event of it. */
typedef struct member {
    record_subject *subject;
    char *name;
    json_object *description; /* owned; NULL: nothing is said */
    autobus_subscription *subscription;
    json_object *value; /* of an object that has one, while the service is not in the book; owned */
    bool is_event;
    bool has_value;
    bool is_going; /* it is gone, by itself or with its service: what comes next tells */
    bool is_told;  /* it is in the book */
    bool is_listed;
} member;

struct record_subject {
    tool_session *session;
    record_book *book;
    const tool_place *bus; /* where it is; NULL: discovery tells */
    char *id, *info;
    json_object *doc;       /* owned; NULL: none */
    autobus_remote *remote; /* NULL: it has nothing to be heard of */
    member **members;
    size_t count;
    int64_t deadline_ms; /* TOOL_NEVER: nothing is to be gathered now */
    bool is_known;       /* what it has */
    bool is_bound;
    bool is_dead; /* a connection that has ended */
    bool is_told; /* it is in the book */
};

static void count(const record_subject *self)
{
    if (self->book->heard == self->session->request->count) {
        tool_session_end(self->session, TOOL_DONE);
    }
}

/* The description only where it is told of for the first time. */
static void write_value(member *self, json_object *value)
{
    record_subject *subject = self->subject;
    record_book_value(subject->book, subject->id, self->name, value,
                      self->is_told ? NULL : self->description);
    self->is_told = true;
    count(subject);
}

static void write_event(member *self)
{
    record_subject *subject = self->subject;
    record_book_event(subject->book, subject->id, self->name, self->description);
    self->is_told = true;
}

static void write_gone(member *self)
{
    record_subject *subject = self->subject;
    if (self->is_told && subject->is_told && !subject->session->is_over) {
        record_book_gone(subject->book, subject->id, self->is_event ? "event" : "object",
                         self->name);
    }
    self->is_told = self->is_going = false;
}

/* The service is still there: so its objects went alone. */
static void write_going(record_subject *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->members[i]->is_going) {
            write_gone(self->members[i]);
        }
    }
}

/* That it is there, and what is known of it. */
static void write_all(record_subject *self)
{
    json_object *info = NULL;
    if (self->is_told || self->session->is_over || !tool_json_read(self->info, &info)) {
        return;
    }
    record_book_appeared(self->book, self->id, info, self->doc);
    json_object_put(info);
    self->is_told = true;
    self->deadline_ms = TOOL_NEVER;
    for (size_t i = 0; i < self->count && !self->session->is_over; i++) {
        member *one = self->members[i];
        if (one->is_event) {
            write_event(one);
        } else if (one->has_value) {
            write_value(one, one->value);
            json_object_put(one->value);
            one->value = NULL;
        }
    }
}

static void heard_fired(void *userdata, const autobus_message *message)
{
    member *self = userdata;
    record_subject *subject = self->subject;
    write_all(subject);
    write_going(subject);
    if (!subject->session->is_over) {
        record_book_fired(subject->book, subject->id, self->name, autobus_message_value(message));
        count(subject);
    }
}

static void heard_value(void *userdata, const autobus_message *message)
{
    member *self = userdata;
    record_subject *subject = self->subject;
    bool is_gone = autobus_message_kind(message) == AUTOBUS_GONE;
    json_object_put(self->value);
    self->value = NULL;
    self->has_value = !is_gone;
    if (is_gone) {
        self->is_going = self->is_told;
        return;
    }
    write_going(subject);
    if (!subject->is_told) {
        self->value = autobus_message_take(message);
    } else if (!subject->session->is_over) {
        write_value(self, autobus_message_value(message));
    }
}

/* A service that is lost has left, as far as anybody could tell from here. */
static void note_end(record_subject *self)
{
    if (self->is_told && !self->session->is_over) {
        record_book_left(self->book, self->id);
    }
    self->is_told = self->is_known = false; /* it may come back with something else */
    for (size_t i = 0; i < self->count; i++) {
        member *one = self->members[i];
        json_object_put(one->value);
        one->value = NULL;
        one->has_value = one->is_told = one->is_going = false;
    }
}

static void heard_state(void *userdata, const autobus_message *message)
{
    record_subject *self = userdata;
    autobus_kind kind = autobus_message_kind(message);
    if (kind == AUTOBUS_BOUND) {
        self->is_bound = true;
        self->deadline_ms = self->is_told ? TOOL_NEVER : tool_clock_ms() + GATHERING_MS;
    } else if (kind == AUTOBUS_LOST) {
        self->is_bound = false;
        self->is_dead = self->bus != NULL;
        self->deadline_ms = TOOL_NEVER;
        note_end(self);
    }
}

static autobus_result make_proxy(record_subject *self)
{
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    (void)autobus_filter_equal(filter, "service",
                               tool_text_checked(json_object_new_string(self->id)));
    return autobus_proxy_new(self->session->bus, filter, &self->remote);
}

static autobus_result bind(record_subject *self)
{
    autobus_result result = self->bus == NULL
                                ? make_proxy(self)
                                : autobus_connect_to(self->session->bus, self->bus->host,
                                                     self->bus->port, self->id, 0, &self->remote);
    return result == AUTOBUS_OK
               ? autobus_remote_on_state(self->remote, true, heard_state, self, NULL, NULL)
               : result;
}

static void subscribe(member *self)
{
    record_subject *subject = self->subject;
    autobus_result result = subject->remote == NULL ? bind(subject) : AUTOBUS_OK;
    if (result == AUTOBUS_OK) {
        result = self->is_event ? autobus_listen(subject->remote, self->name, heard_fired, self,
                                                 NULL, &self->subscription)
                                : autobus_watch(subject->remote, self->name, heard_value, self,
                                                NULL, &self->subscription);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(subject->session, tool_complain_of(result));
    }
}

static void free_member(member *self)
{
    autobus_subscription_free(&self->subscription);
    json_object_put(self->description);
    json_object_put(self->value);
    free(self->name);
    free(self);
}

static member *find(const record_subject *self, const char *name, bool is_event)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->members[i]->is_event == is_event && strcmp(self->members[i]->name, name) == 0) {
            return self->members[i];
        }
    }
    return NULL;
}

static member *add(record_subject *self, const char *name, bool is_event)
{
    member *fresh = tool_text_checked(calloc(1, sizeof *fresh));
    *fresh =
        (member){.subject = self, .name = tool_text_checked(strdup(name)), .is_event = is_event};
    self->members =
        tool_text_checked(reallocarray(self->members, self->count + 1, sizeof *self->members));
    self->members[self->count++] = fresh;
    return fresh;
}

static void learn_members(record_subject *self, json_object *entry, bool is_event)
{
    json_object *members = tool_details_members(entry, is_event ? "events" : "objects");
    size_t names_count;
    const char **names = tool_details_names(members, &names_count);
    for (size_t i = 0; i < names_count; i++) {
        member *one = find(self, names[i], is_event);
        bool is_new = one == NULL;
        one = is_new ? add(self, names[i], is_event) : one;
        json_object_put(one->description);
        one->description = json_object_get(json_object_object_get(members, names[i]));
        one->is_listed = true;
        if (is_new) {
            subscribe(one);
        }
        if (is_new && is_event && self->is_told && !self->session->is_over) {
            write_event(one);
        }
    }
    free(names);
}

static void drop_unlisted(record_subject *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        member *one = self->members[i];
        if (one->is_listed) {
            one->is_listed = false;
            self->members[kept++] = one;
        } else {
            write_gone(one);
            free_member(one);
        }
    }
    self->count = kept;
}

void record_subject_learn(record_subject *self, json_object *entry)
{
    json_object_put(self->doc);
    self->doc = json_object_get(json_object_object_get(entry, "doc"));
    self->is_known = true;
    learn_members(self, entry, true);
    learn_members(self, entry, false);
    drop_unlisted(self);
}

/* Whether there is nothing that could still come. */
static bool is_complete(const record_subject *self)
{
    bool is_complete = self->is_known && (self->is_bound || self->count == 0);
    for (size_t i = 0; i < self->count && is_complete; i++) {
        is_complete = self->members[i]->is_event || self->members[i]->has_value;
    }
    return is_complete;
}

int64_t record_subject_tend(record_subject *self)
{
    if (self->remote != NULL && autobus_remote_bound(self->remote) > 0) {
        write_going(self);
    }
    if (self->deadline_ms != TOOL_NEVER &&
        (is_complete(self) || tool_clock_ms() >= self->deadline_ms)) {
        write_all(self);
        self->deadline_ms = TOOL_NEVER;
    }
    return self->deadline_ms;
}

bool record_subject_is(const record_subject *self, const char *id, const char *info)
{
    return strcmp(self->id, id) == 0 && strcmp(self->info, info) == 0;
}

bool record_subject_is_dead(const record_subject *self)
{
    return self->is_dead;
}

const char *record_subject_id(const record_subject *self)
{
    return self->id;
}

record_subject *record_subject_new(tool_session *session, record_book *book, const char *id,
                                   const char *info, const tool_place *bus)
{
    record_subject *self = tool_text_checked(calloc(1, sizeof *self));
    *self = (record_subject){
        .session = session,
        .book = book,
        .bus = bus,
        .id = tool_text_checked(strdup(id)),
        .info = tool_text_checked(strdup(info)),
        .deadline_ms = tool_clock_ms() + GATHERING_MS,
    };
    return self;
}

void record_subject_leave(record_subject *self)
{
    note_end(self);
}

void record_subject_free(record_subject **subject)
{
    record_subject *self = *subject;
    *subject = NULL;
    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        free_member(self->members[i]);
    }
    autobus_remote_free(&self->remote);
    free(self->members);
    json_object_put(self->doc);
    free(self->info);
    free(self->id);
    free(self);
}
