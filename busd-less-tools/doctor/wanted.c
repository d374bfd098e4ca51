/* SPDX-License-Identifier: MIT
 * Looking, knocking and binding. */
#include "doctor/wanted.h"

#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <autobus/remote.h>

#include "doctor/knock.h"
#include "tool/clock.h"
#include "tool/others.h"
#include "tool/summary.h"
#include "tool/text.h"

enum {
    PATIENCE_MS = 2000, /* a lost first packet of a connection is said again after one second */
    MOST_TRIED = 8,
    MOST_KNOCKS = 16
};

/* One service that is being bound. */
typedef struct trial {
    doctor_service *service;
    autobus_remote *remote;
    size_t *left; /* how many are not over */
    bool is_over;
} trial;

typedef struct trials {
    trial all[MOST_TRIED];
    size_t count, left;
    doctor_knocking knocks;
} trials;

static void heard_state(void *userdata, const autobus_message *message)
{
    trial *self = userdata;
    autobus_kind kind = autobus_message_kind(message);
    if (!self->is_over && (kind == AUTOBUS_BOUND || kind == AUTOBUS_LOST)) {
        self->is_over = true;
        (*self->left)--;
    }
}

static void fail(doctor_service *service, autobus_result result, const char *why)
{
    service->bound = result;
    service->why = tool_text_checked(strdup(why));
}

/* `result` is what came of beginning to connect; `remote` is taken. */
static void follow(trials *self, doctor_service *service, autobus_remote *remote,
                   autobus_result result)
{
    trial *fresh = &self->all[self->count];
    *fresh = (trial){.service = service, .remote = remote, .left = &self->left};
    self->left++;
    if (result == AUTOBUS_OK) {
        result = autobus_remote_on_state(remote, true, heard_state, fresh, NULL, NULL);
    }
    if (result == AUTOBUS_OK) {
        self->count++;
        return;
    }
    self->left--;
    fail(service, result, autobus_last_error());
    autobus_remote_free(&remote);
}

static void conclude(trials *self)
{
    for (size_t i = 0; i < self->count; i++) {
        trial *it = &self->all[i];
        autobus_result result = autobus_remote_wait(it->remote, 1);
        if (result != AUTOBUS_OK) {
            fail(it->service, result, it->is_over ? autobus_last_error() : "no answer in time");
        }
        autobus_remote_free(&it->remote);
    }
}

static void await(trials *self, tool_session *session)
{
    int64_t end = tool_clock_ms() + PATIENCE_MS;
    session->input = self->knocks.epoll;
    while ((self->left > 0 || self->knocks.waiting > 0) && tool_clock_ms() < end &&
           tool_session_turn(session, end)) {
        doctor_knocking_heed(&self->knocks);
    }
    session->input = -1;
}

static doctor_service *add(doctor_facts *facts, const char *name, const char *host, uint16_t port)
{
    doctor_service *fresh = &facts->services[facts->service_count++];
    *fresh = (doctor_service){
        .name = tool_text_checked(strdup(name)),
        .address = tool_address_text(host, port),
        .port = port,
    };
    return fresh;
}

static void try_place(doctor_facts *facts, trials *self, const tool_place *place,
                      tool_session *session)
{
    autobus_remote *remote = NULL;
    char *words = tool_target_words(&session->request->target);
    doctor_service *service = add(facts, words, place->host, place->port);
    doctor_knocking_add(&self->knocks, place->host, place->port, &service->knock);
    autobus_result result =
        autobus_connect_to(session->bus, place->host, place->port, place->id, 0, &remote);
    follow(self, service, remote, result);
    free(words);
}

static void try_found(doctor_facts *facts, trials *self, const autobus_sighting *sighting,
                      tool_session *session)
{
    autobus_remote *remote = NULL;
    const char *host = autobus_sighting_host(sighting);
    uint16_t port = autobus_sighting_port(sighting);
    doctor_service *service = add(facts, autobus_sighting_id(sighting), host, port);
    doctor_knocking_add(&self->knocks, host, port, &service->knock);
    autobus_result result = autobus_connect(session->bus, sighting, 0, &remote);
    follow(self, service, remote, result);
}

static void try_all(doctor_facts *facts, trials *self, tool_session *session)
{
    const tool_choice *choice = &session->request->target.choice;
    autobus_filter *filter = NULL;
    autobus_sighting **found = NULL;
    if (tool_choice_filter(choice, &filter) != AUTOBUS_OK ||
        autobus_bus_enumerate(session->bus, filter, &found, &facts->matching) != AUTOBUS_OK) {
        return;
    }
    for (size_t i = 0; i < facts->matching && i < MOST_TRIED; i++) {
        try_found(facts, self, found[i], session);
    }
    autobus_sightings_free(&found, facts->matching);
    if (facts->matching == 0) {
        tool_others others;
        tool_others_init(&others, session->bus, choice->id != NULL);
        facts->near = tool_others_near(&others, choice);
        tool_others_fini(&others);
    }
}

/* A peer that said nothing may be known from elsewhere, such as avahi. */
static void note_ports(doctor_facts *facts, const autobus_sighting *sighting)
{
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        for (size_t j = 0; j < facts->peer_count; j++) {
            doctor_peer *peer = &facts->peers[j];
            if (peer->tcp_port == 0 &&
                strcmp(peer->host, autobus_sighting_location_host(sighting, i)) == 0) {
                peer->tcp_port = autobus_sighting_location_port(sighting, i);
            }
        }
    }
}

/* Sorted by id: those that share one stand side by side. */
static void look_at_all(doctor_facts *facts, autobus_bus *bus)
{
    autobus_sighting **all = NULL;
    if (autobus_bus_enumerate(bus, NULL, &all, &facts->seen) != AUTOBUS_OK) {
        return;
    }
    for (size_t i = 0; i < facts->seen; i++) {
        const char *id = autobus_sighting_id(all[i]);
        note_ports(facts, all[i]);
        if (i > 0 && facts->twin == NULL && strcmp(id, autobus_sighting_id(all[i - 1])) == 0) {
            facts->twin = tool_text_checked(strdup(id));
        }
    }
    autobus_sightings_free(&all, facts->seen);
}

/* Where something is missed: whoever speaks over UDP should let us in over TCP. */
static void knock_around(doctor_facts *facts, trials *self)
{
    bool is_missing = facts->seen == 0 || (facts->wanted != NULL && facts->matching == 0);
    for (size_t i = 0; i < facts->peer_count; i++) {
        doctor_peer *peer = &facts->peers[i];
        if (peer->tcp_port != 0 && peer->trouble == NULL) {
            doctor_knocking_add(&self->knocks, peer->host, peer->tcp_port, &peer->knock);
        }
    }
    for (size_t i = 0; is_missing && i < facts->speaker_count && i < MOST_KNOCKS; i++) {
        doctor_speaker *speaker = &facts->speakers[i];
        if (speaker->port != 0 && !speaker->is_beyond) {
            doctor_knocking_add(&self->knocks, speaker->host, speaker->port, &speaker->knock);
        }
    }
}

void doctor_wanted_look(doctor_facts *facts, const doctor_request *request, tool_session *session)
{
    const tool_target *target = &request->asked.target;
    trials self = {0};
    if (!doctor_knocking_begin(&self.knocks)) {
        doctor_knocking_end(&self.knocks);
        return;
    }
    look_at_all(facts, session->bus);
    facts->services = tool_text_checked(calloc(MOST_TRIED, sizeof *facts->services));
    if (tool_target_is_place(target)) {
        try_place(facts, &self, &target->place, session);
    } else if (facts->wanted != NULL) {
        try_all(facts, &self, session);
    }
    knock_around(facts, &self);
    await(&self, session);
    conclude(&self);
    doctor_knocking_end(&self.knocks);
}
