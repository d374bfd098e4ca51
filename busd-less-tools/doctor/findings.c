/* SPDX-License-Identifier: MIT
 * From facts to lines. */
#include "doctor/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool/text.h"

enum {
    LARGEST_ANSWER = 1400 + 28, /* bytes of a datagram, its headers included */
    MOST_BUSES = 20             /* those listed one by one */
};

const char *doctor_state_name(doctor_state state)
{
    static const char *const names[] = {"ok", "note", "bad"};
    return names[state];
}

/* One more line, in the words of `format`; its state and its parts are filled in by whoever adds it. */
static __attribute__((format(printf, 4, 5))) doctor_finding *add(doctor_findings *self,
                                                                 const char *check,
                                                                 const char *subject,
                                                                 const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    self->list = tool_text_checked(reallocarray(self->list, self->count + 1, sizeof *self->list));
    doctor_finding *fresh = &self->list[self->count++];
    *fresh = (doctor_finding){
        .check = check,
        .subject = tool_text_checked(strdup(subject)),
        .text = tool_text_checked(length < 0 ? NULL : text),
        .details = tool_text_checked(json_object_new_object()),
    };
    return fresh;
}

static void detail(doctor_finding *finding, const char *key, json_object *value)
{
    json_object_object_add(finding->details, key, value);
}

static void detail_text(doctor_finding *finding, const char *key, const char *text)
{
    detail(finding, key, tool_text_checked(json_object_new_string(text)));
}

static void find_port(doctor_findings *self, const doctor_facts *facts)
{
    char number[8];
    snprintf(number, sizeof number, "%u", facts->port);
    doctor_finding *it = facts->port_is_held ? add(self, "port", number,
                                                   "held by %s, which does "
                                                   "not share it",
                                                   facts->holder)
                                             : add(self, "port", number, "free to share");
    it->state = facts->port_is_held ? DOCTOR_BAD : DOCTOR_FINE;
}

static const char *way_name(doctor_way way)
{
    static const char *const names[] = {"untried", "refused", "lost", "back"};
    return names[way];
}

/* ", broadcast comes back", in full where it does not. */
static void write_attempt(FILE *out, const char *what, doctor_attempt attempt)
{
    switch (attempt.way) {
    case DOCTOR_WAY_UNTRIED: return;
    case DOCTOR_WAY_REFUSED:
        fprintf(out, "; %s refused (%s)", what, strerror(attempt.error));
        return;
    case DOCTOR_WAY_LOST: fprintf(out, "; %s sent, but does not come back", what); return;
    case DOCTOR_WAY_BACK: fprintf(out, "; %s comes back", what); return;
    }
}

static bool is_bad(doctor_attempt attempt)
{
    return attempt.way == DOCTOR_WAY_REFUSED || attempt.way == DOCTOR_WAY_LOST;
}

/* One of both is enough for others of our kind. */
static doctor_state judge_attempts(const doctor_interface *it)
{
    bool is_heard =
        it->broadcast.way == DOCTOR_WAY_BACK ||
        (it->broadcast.way == DOCTOR_WAY_UNTRIED && it->multicast.way == DOCTOR_WAY_BACK);
    if (is_bad(it->broadcast) || is_bad(it->multicast)) {
        return is_heard ? DOCTOR_NOTE : DOCTOR_BAD;
    }
    return DOCTOR_FINE;
}

static doctor_state judge_interface(const doctor_interface *it)
{
    if (!it->is_up || !it->is_used) {
        return it->is_up && !it->has_link ? DOCTOR_BAD : DOCTOR_NOTE;
    }
    bool is_small = it->mtu > 0 && it->mtu < LARGEST_ANSWER;
    doctor_state state = it->has_link ? judge_attempts(it) : DOCTOR_BAD;
    return state == DOCTOR_FINE && (it->count == 0 || is_small) ? DOCTOR_NOTE : state;
}

static char *describe_interface(const doctor_interface *it)
{
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    char *addresses = doctor_interface_addresses(it);
    if (!it->is_up) {
        fputs("switched off", out);
    } else if (!it->has_link) {
        fputs("up, but no link", out);
    } else {
        fputs(it->count > 0 ? addresses : "no address", out);
        fputs(it->is_used ? "" : "; not used", out);
        write_attempt(out, "broadcast", it->broadcast);
        write_attempt(out, "multicast", it->multicast);
        if (it->mtu > 0 && it->mtu < LARGEST_ANSWER) {
            fprintf(out, "; packets over %d bytes travel in pieces", it->mtu);
        }
    }
    fclose(out);
    free(addresses);
    return tool_text_checked(text);
}

static void find_interface(doctor_findings *self, const doctor_interface *interface)
{
    char *text = describe_interface(interface);
    char *addresses = doctor_interface_addresses(interface);
    doctor_finding *it = add(self, "interface", interface->name, "%s", text);
    it->state = judge_interface(interface);
    detail(it, "up", json_object_new_boolean(interface->is_up));
    detail(it, "link", json_object_new_boolean(interface->has_link));
    detail(it, "used", json_object_new_boolean(interface->is_used));
    detail_text(it, "addresses", addresses);
    detail(it, "mtu", json_object_new_int(interface->mtu));
    detail_text(it, "broadcast", way_name(interface->broadcast.way));
    detail_text(it, "multicast", way_name(interface->multicast.way));
    detail(it, "heard", json_object_new_int64((int64_t)interface->heard));
    free(addresses);
    free(text);
}

static size_t count_old(const doctor_facts *facts)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->speaker_count; i++) {
        count += *facts->speakers[i].id == '\0';
    }
    return count;
}

/* The door in words; yours. */
static char *describe_door(doctor_knock knock)
{
    switch (knock.door) {
    case DOCTOR_DOOR_OPEN: return tool_text_format("accepts connections");
    case DOCTOR_DOOR_SHUT: return tool_text_format("%s", strerror(knock.error));
    case DOCTOR_DOOR_SILENT: return tool_text_format("no answer to connections");
    case DOCTOR_DOOR_UNTRIED: break;
    }
    return tool_text_format("TCP untried");
}

static const char *door_name(doctor_door door)
{
    static const char *const names[] = {"untried", "open", "shut", "silent"};
    return names[door];
}

/* "3 buses elsewhere, 2 on this machine, 1 of all of Autobus 2; 7 services seen"; yours. */
static char *describe_heard(const doctor_facts *facts)
{
    size_t old = count_old(facts);
    size_t away = doctor_facts_speakers(facts, false);
    char *text = NULL;
    size_t length;
    FILE *out = tool_text_stream(&text, &length);
    fprintf(out, "%zu bus%s elsewhere, %zu on this machine", away, away == 1 ? "" : "es",
            doctor_facts_speakers(facts, true));
    if (old > 0) {
        fprintf(out, ", %zu of all of Autobus 2", old);
    }
    fprintf(out, "; %zu service%s seen", facts->seen, facts->seen == 1 ? "" : "s");
    if (facts->strange > 0) {
        fprintf(out, "; packets that are nothing of Autobus: %zu, the first from %s",
                facts->strange, facts->strange_host);
    }
    fclose(out);
    return tool_text_checked(text);
}

static void find_heard(doctor_findings *self, const doctor_facts *facts)
{
    char *text = describe_heard(facts);
    doctor_finding *it = add(self, "heard", "", "%s", text);
    it->state = facts->speaker_count == 0 || facts->strange > 0 ? DOCTOR_NOTE : DOCTOR_FINE;
    detail(it, "buses", json_object_new_int64((int64_t)facts->speaker_count));
    detail(it, "here", json_object_new_int64((int64_t)doctor_facts_speakers(facts, true)));
    detail(it, "old", json_object_new_int64((int64_t)count_old(facts)));
    detail(it, "services", json_object_new_int64((int64_t)facts->seen));
    detail(it, "strange", json_object_new_int64((int64_t)facts->strange));
    free(text);
}

/* What is special about one; "" for nothing. */
static const char *remark(const doctor_speaker *speaker)
{
    if (speaker->is_beyond) {
        return "; not believed, it is in none of our networks";
    }
    if (speaker->has_twin) {
        return "; two programs call themselves so";
    }
    return speaker->answered ? "; it answered us" : "";
}

static void find_speaker(doctor_findings *self, const doctor_speaker *speaker)
{
    bool is_old = *speaker->id == '\0';
    bool is_tried = speaker->knock.door != DOCTOR_DOOR_UNTRIED;
    char *door = describe_door(speaker->knock);
    doctor_finding *it = add(self, "bus", is_old ? speaker->host : speaker->id, "%s at %s%s%s%s",
                             is_old ? "Autobus 2" : "Autobus", speaker->host, remark(speaker),
                             is_tried ? "; " : "", is_tried ? door : "");
    bool is_out = is_tried && speaker->knock.door != DOCTOR_DOOR_OPEN;
    it->state = speaker->is_beyond || speaker->has_twin || is_out ? DOCTOR_BAD : DOCTOR_FINE;
    detail_text(it, "host", speaker->host);
    detail(it, "port", json_object_new_int(speaker->port));
    detail(it, "old", json_object_new_boolean(is_old));
    detail(it, "answered", json_object_new_boolean(speaker->answered));
    detail_text(it, "tcp", door_name(speaker->knock.door));
    free(door);
}

static void find_ids(doctor_findings *self, const doctor_facts *facts)
{
    if (facts->twin != NULL) {
        add(self, "ids", facts->twin, "two services claim this id")->state = DOCTOR_BAD;
    }
}

static void find_avahi(doctor_findings *self, const doctor_facts *facts)
{
    const char *use = facts->uses_avahi ? "" : "; discovery does not ask it";
    bool is_missed = facts->uses_avahi && !facts->has_avahi_daemon;
    doctor_finding *it = facts->has_avahi_daemon ? add(self, "avahi", "", "its daemon runs%s", use)
                                                 : add(self, "avahi", "", "no daemon runs%s", use);
    it->state = is_missed ? DOCTOR_BAD : DOCTOR_FINE;
    detail(it, "daemon", json_object_new_boolean(facts->has_avahi_daemon));
    detail(it, "used", json_object_new_boolean(facts->uses_avahi));
}

static void find_peer(doctor_findings *self, const doctor_peer *peer)
{
    char *door = describe_door(peer->knock);
    const char *udp = peer->answered     ? "heard over UDP"
                      : peer->error != 0 ? strerror(peer->error)
                                         : "not heard over UDP";
    doctor_finding *it = peer->trouble != NULL ? add(self, "peer", peer->name, "%s", peer->trouble)
                                               : add(self, "peer", peer->name, "%s; %s", udp, door);
    bool is_fine =
        peer->trouble == NULL && peer->answered &&
        (peer->knock.door == DOCTOR_DOOR_OPEN || peer->knock.door == DOCTOR_DOOR_UNTRIED);
    it->state = is_fine ? DOCTOR_FINE : DOCTOR_BAD;
    detail_text(it, "address", peer->host);
    detail(it, "udp", json_object_new_boolean(peer->answered));
    detail_text(it, "tcp", door_name(peer->knock.door));
    free(door);
}

static void find_service(doctor_findings *self, const doctor_service *service)
{
    char *door = describe_door(service->knock);
    bool is_bound = service->bound == AUTOBUS_OK;
    doctor_finding *it = add(self, "service", service->name, "%s: %s; %s", service->address, door,
                             is_bound ? "it answers" : service->why);
    it->state = is_bound ? DOCTOR_FINE : DOCTOR_BAD;
    detail_text(it, "address", service->address);
    detail_text(it, "tcp", door_name(service->knock.door));
    detail(it, "answers", json_object_new_boolean(is_bound));
    free(door);
}

void doctor_findings_make(doctor_findings *self, const doctor_facts *facts)
{
    *self = (doctor_findings){0};
    find_port(self, facts);
    for (size_t i = 0; i < facts->interface_count; i++) {
        find_interface(self, &facts->interfaces[i]);
    }
    if (facts->port_is_held) {
        return; /* nothing could be heard */
    }
    find_heard(self, facts);
    for (size_t i = 0; i < facts->speaker_count && i < MOST_BUSES; i++) {
        find_speaker(self, &facts->speakers[i]);
    }
    find_ids(self, facts);
    find_avahi(self, facts);
    for (size_t i = 0; i < facts->peer_count; i++) {
        find_peer(self, &facts->peers[i]);
    }
    for (size_t i = 0; i < facts->service_count; i++) {
        find_service(self, &facts->services[i]);
    }
}

void doctor_findings_fini(doctor_findings *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->list[i].subject);
        free(self->list[i].text);
        json_object_put(self->list[i].details);
    }
    free(self->list);
    *self = (doctor_findings){0};
}
