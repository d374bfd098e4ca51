/* SPDX-License-Identifier: MIT
 * Listening for services, and asking each bus that has some what they consist of. */
#include "record/roll.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/watch.h>
#include <json-c/json.h>

#include "tool/details.h"
#include "tool/start.h"
#include "tool/text.h"

struct record_entry {
    record_subject *subject;
    uint16_t port; /* of its bus */
};

/** What the bus at a port tells of its services; or several buses, where machines use the same port. */
struct record_teller {
    autobus_remote *remote; /* a multi proxy for their introspection */
    uint16_t port;
    bool has_news;
};

static void heard_details(void *userdata, const autobus_message *message)
{
    record_teller *self = userdata;
    self->has_news = self->has_news || autobus_message_kind(message) == AUTOBUS_VALUE;
}

static autobus_result follow(record_teller *self, autobus_bus *bus)
{
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    (void)autobus_filter_add_text(filter, "type=autobus.details");
    (void)autobus_filter_equal(filter, "port", tool_text_checked(json_object_new_int(self->port)));
    autobus_result result = autobus_multi_new(bus, filter, &self->remote);
    return result == AUTOBUS_OK
               ? autobus_watch(self->remote, "details", heard_details, self, NULL, NULL)
               : result;
}

/* That there is a teller for a port, who is to be asked. */
static void ensure_teller(record_roll *self, uint16_t port)
{
    for (size_t i = 0; i < self->teller_count; i++) {
        if (self->tellers[i]->port == port) {
            self->tellers[i]->has_news = true;
            return;
        }
    }
    record_teller *fresh = tool_text_checked(calloc(1, sizeof *fresh));
    fresh->port = port;
    self->tellers = tool_text_checked(
        reallocarray(self->tellers, self->teller_count + 1, sizeof *self->tellers));
    self->tellers[self->teller_count++] = fresh;
    autobus_result result = follow(fresh, self->session->bus);
    if (result != AUTOBUS_OK) {
        tool_session_end(self->session, tool_complain_of(result));
    }
}

static bool is_needed(const record_roll *self, uint16_t port)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->entries[i].port == port) {
            return true;
        }
    }
    return false;
}

static void drop_idle_tellers(record_roll *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->teller_count; i++) {
        record_teller *one = self->tellers[i];
        if (is_needed(self, one->port)) {
            self->tellers[kept++] = one;
        } else {
            autobus_remote_free(&one->remote);
            free(one);
        }
    }
    self->teller_count = kept;
}

static void remove_entry(record_roll *self, size_t at)
{
    record_subject_leave(self->entries[at].subject);
    record_subject_free(&self->entries[at].subject);
    memmove(&self->entries[at], &self->entries[at + 1],
            (self->count - at - 1) * sizeof *self->entries);
    self->count--;
}

/* The place of a service; the count if it is not there. */
static size_t place_of(const record_roll *self, const autobus_sighting *sighting)
{
    size_t at = 0;
    while (at < self->count &&
           !record_subject_is(self->entries[at].subject, autobus_sighting_id(sighting),
                              autobus_sighting_info_text(sighting))) {
        at++;
    }
    return at;
}

/* Of two that claim an id only the newer one is recorded: the lines have but that name for it. */
static void displace(record_roll *self, const autobus_sighting *sighting)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *id = autobus_sighting_id(sighting);
        if (strcmp(record_subject_id(self->entries[i].subject), id) == 0) {
            tool_family_note(&self->session->request->family,
                             "two services claim the id %s: the newer one is recorded", id);
            remove_entry(self, i);
            return;
        }
    }
}

static void add_entry(record_roll *self, const autobus_sighting *sighting)
{
    displace(self, sighting);
    if (self->count == self->room) {
        self->room = self->room * 2 + 16;
        self->entries =
            tool_text_checked(reallocarray(self->entries, self->room, sizeof *self->entries));
    }
    self->entries[self->count++] = (record_entry){
        .subject = record_subject_new(self->session, self->book, autobus_sighting_id(sighting),
                                      autobus_sighting_info_text(sighting), NULL),
        .port = autobus_sighting_port(sighting),
    };
    self->has_matched = true;
}

static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    record_roll *self = userdata;
    size_t at = place_of(self, sighting);
    if (change == AUTOBUS_LEFT) {
        if (at < self->count) {
            remove_entry(self, at);
            drop_idle_tellers(self);
        }
        return;
    }
    if (at == self->count) {
        add_entry(self, sighting);
    } else {
        self->entries[at].port = autobus_sighting_port(sighting);
    }
    ensure_teller(self, autobus_sighting_port(sighting));
    drop_idle_tellers(self);
}

/* One bus's details: each of its services that is recorded learns from them. */
static void teach_from(record_roll *self, uint16_t port, json_object *details)
{
    for (size_t i = 0; i < self->count; i++) {
        record_entry *one = &self->entries[i];
        json_object *entry = one->port == port && json_object_is_type(details, json_type_object)
                                 ? tool_details_entry(details, record_subject_id(one->subject))
                                 : NULL;
        if (entry != NULL) {
            record_subject_learn(one->subject, entry);
        }
    }
}

static void teach(record_roll *self, record_teller *teller)
{
    json_object *tables = NULL;
    teller->has_news = false;
    if (autobus_values(teller->remote, "details", &tables) != AUTOBUS_OK) {
        return; /* it comes, or there is none */
    }
    struct json_object_iterator end = json_object_iter_end(tables);
    struct json_object_iterator at = json_object_iter_begin(tables);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        teach_from(self, teller->port, json_object_iter_peek_value(&at));
    }
    json_object_put(tables);
}

int64_t record_roll_tend(record_roll *self)
{
    int64_t next = TOOL_NEVER;
    for (size_t i = 0; i < self->teller_count && !self->session->is_over; i++) {
        if (self->tellers[i]->has_news) {
            teach(self, self->tellers[i]);
        }
    }
    for (size_t i = 0; i < self->count && !self->session->is_over; i++) {
        int64_t due = record_subject_tend(self->entries[i].subject);
        next = due < next ? due : next;
    }
    return next;
}

void record_roll_open(record_roll *self, tool_session *session, record_book *book)
{
    autobus_filter *filter = NULL;
    *self = (record_roll){.session = session, .book = book};
    autobus_result result = tool_choice_filter(&session->request->target.choice, &filter);
    if (result == AUTOBUS_OK) {
        result =
            autobus_listener_new(session->bus, filter, true, heard, self, NULL, &self->listener);
    }
    if (result != AUTOBUS_OK) {
        tool_session_end(session, tool_complain_of(result));
    }
}

void record_roll_close(record_roll *self)
{
    autobus_listener_free(&self->listener);
    for (size_t i = 0; i < self->count; i++) {
        record_subject_free(&self->entries[i].subject);
    }
    self->count = 0;
    drop_idle_tellers(self);
    free(self->entries);
    free(self->tellers);
    *self = (record_roll){0};
}
