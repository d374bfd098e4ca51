/* SPDX-License-Identifier: MIT
 * One loop over the ear, the bus and the clock. */
#include "monitor/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>

#include "monitor/capture.h"
#include "monitor/ear.h"
#include "monitor/filter.h"
#include "monitor/print.h"
#include "tool/clock.h"
#include "tool/session.h"
#include "tool/start.h"
#include "tool/summary.h"
#include "tool/text.h"

typedef struct watch {
    const monitor_request *request;
    tool_session session;
    monitor_ear ear;
    monitor_ports ports;    /* of buses */
    monitor_ports speakers; /* UDP ports that have spoken to discovery's: they are answered there */
    monitor_flows flows;
    monitor_farewells farewells;
    monitor_tally tally;
    FILE *capture; /* NULL: none */
    autobus_listener *services, *buses;
    long heard;
    int64_t begun_ms, end_ms, due_ms; /* due: the next summary */
    bool shows_all;                   /* no choice was made */
} watch;

/* One more that counts. Whether it has a line of its own. */
static bool count_one(watch *self)
{
    self->heard++;
    if (self->heard == self->request->asked.count) {
        tool_session_end(&self->session, TOOL_DONE);
    }
    return !self->request->wants_stats && !monitor_request_captures_out(self->request);
}

/* At once, since a connection may follow. */
static void choose_ports(watch *self)
{
    bool is_more = self->ports.count <= MONITOR_FILTER_PORTS + 1; /* beyond that all are taken */
    if (self->ports.is_changed && is_more) {
        monitor_ear_choose(&self->ear, &self->ports);
    }
    self->ports.is_changed = false;
}

/* Unless it has left again since. */
static bool is_there(const watch *self, const char *id)
{
    autobus_sighting *found = NULL;
    autobus_result result = autobus_bus_find(self->session.bus, id, &found);
    autobus_sighting_free(&found);
    return result != AUTOBUS_NOT_FOUND;
}

static void changed(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    watch *self = userdata;
    const char *id = autobus_sighting_id(sighting);
    uint16_t port = autobus_sighting_port(sighting);
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        monitor_ports_add(&self->ports, autobus_sighting_location_port(sighting, i));
    }
    choose_ports(self);
    if (change == AUTOBUS_APPEARED && is_there(self, id)) {
        monitor_farewells_forget(&self->farewells, id);
    }
    monitor_ear_hear(&self->ear); /* why it has left, if it has */
    if (!self->session.is_over && count_one(self)) {
        monitor_reason reason = monitor_farewells_of(&self->farewells, id, port, tool_clock_ms());
        monitor_print_change(self->request, change, sighting, reason, stdout);
    }
}

/* A bus is known by its TCP port as well, as far as that is told. */
static void count_bytes(watch *self, const monitor_end *from, uint16_t port, const char *kind,
                        size_t bytes)
{
    char room[MONITOR_HOST];
    const char *host = monitor_end_host(from, room);
    char *peer = port != 0 ? tool_address_text(host, port) : NULL;
    monitor_tally_count(&self->tally, peer != NULL ? peer : host, kind, bytes);
    free(peer);
}

static void heard_flow(void *userdata, monitor_flow_news news, const monitor_packet *packet,
                       const monitor_message *message, size_t size)
{
    static const char *const kinds[] = {"opened", "", "closed", "unread"};
    watch *self = userdata;
    if (self->session.is_over) {
        return;
    }
    const monitor_end *from = &packet->from;
    count_bytes(self, from, monitor_ports_has(&self->ports, from->port) ? from->port : 0,
                message != NULL ? message->kind : kinds[news], size);
    if (count_one(self)) {
        monitor_print_flow(self->request, news, packet, message, size, stdout);
    }
}

static bool take_tcp(watch *self, const monitor_packet *packet)
{
    return (monitor_ports_has(&self->ports, packet->from.port) ||
            monitor_ports_has(&self->ports, packet->to.port)) &&
           monitor_flows_take(&self->flows, packet);
}

/* Others may have a discovery of their own, at another port: what they say is not meant. */
static bool is_of_discovery(watch *self, const monitor_packet *packet)
{
    if (packet->to.port == self->ear.port) {
        monitor_ports_add(&self->speakers, packet->from.port);
        return true;
    }
    return packet->from.port == self->ear.port ||
           monitor_ports_has(&self->speakers, packet->to.port);
}

/* What we say ourselves is no news. */
static bool take_datagram(watch *self, const monitor_packet *packet)
{
    monitor_message message;
    monitor_slice head = {(const char *)packet->payload, packet->payload_length};
    if (!is_of_discovery(self, packet)) {
        return false;
    }
    monitor_message_of_datagram(&message, head, packet->size);
    bool is_own = strcmp(message.bus, autobus_bus_id(self->session.bus)) == 0;
    if (self->shows_all) {
        monitor_ports_add(&self->ports, message.port);
    }
    bool is_meant = self->shows_all || monitor_ports_has(&self->ports, message.port);
    if (is_meant && !is_own) {
        monitor_farewells_note(&self->farewells, &message, tool_clock_ms());
        count_bytes(self, &packet->from, message.port, message.kind, message.size);
        if (count_one(self)) {
            monitor_print_datagram(self->request, packet, &message, stdout);
        }
    }
    monitor_message_fini(&message);
    return is_meant;
}

static void heard_packet(void *userdata, const monitor_packet *packet)
{
    watch *self = userdata;
    if (self->session.is_over) {
        return;
    }
    bool is_meant = packet->is_tcp ? take_tcp(self, packet) : take_datagram(self, packet);
    if (is_meant && self->capture != NULL) {
        monitor_capture_write(packet, self->capture);
    }
    choose_ports(self);
}

static bool open_capture(watch *self)
{
    const char *name = self->request->capture;
    if (name == NULL) {
        return true;
    }
    self->capture = monitor_request_captures_out(self->request) ? stdout : fopen(name, "we");
    if (self->capture == NULL) {
        tool_complain("'%s' cannot be written: %s", name, strerror(errno));
        return false;
    }
    monitor_capture_begin(self->capture);
    return true;
}

/* False if the file did not take all; standard output speaks for itself. */
static bool close_capture(watch *self)
{
    if (self->capture == NULL || self->capture == stdout) {
        return true;
    }
    bool is_written = !ferror(self->capture);
    is_written = fclose(self->capture) == 0 && is_written;
    self->capture = NULL;
    if (!is_written) {
        tool_complain("'%s' could not be written whole", self->request->capture);
    }
    return is_written;
}

/* All that a bus can be seen by, of which a choice takes part. */
static autobus_result listen(watch *self)
{
    const tool_choice *choice = &self->request->asked.target.choice;
    autobus_filter *filter = NULL;
    autobus_result result = tool_choice_filter(choice, &filter);
    if (result == AUTOBUS_OK) {
        result = autobus_listener_new(self->session.bus, filter, true, changed, self, NULL,
                                      &self->services);
    }
    if (result == AUTOBUS_OK && self->shows_all && tool_choice_hides_library(choice)) {
        filter = tool_text_checked(autobus_filter_parse("{'type': 'autobus.details'}"));
        result = autobus_listener_new(self->session.bus, filter, true, changed, self, NULL,
                                      &self->buses);
    }
    return result;
}

/* What can be seen, and what cannot, so that nobody takes silence for peace. */
static void tell_limits(const watch *self)
{
    const tool_family *family = &self->request->asked.family;
    if (monitor_ear_has_tap(&self->ear)) {
        tool_family_note(family,
                         "hears what buses announce, their datagrams (UDP port %ld) and their TCP "
                         "as they pass this machine; not unix sockets, by which its own programs "
                         "mostly talk, nor what other machines say to each other",
                         tool_family_port(family));
    } else {
        tool_family_note(family,
                         "hears what buses announce, and the datagrams to everybody (UDP port "
                         "%ld); not what is said to one bus alone or over TCP, which takes "
                         "CAP_NET_RAW (sudo), nor unix sockets",
                         tool_family_port(family));
    }
}

static void summarise(watch *self)
{
    double seconds = (double)(tool_clock_ms() - self->begun_ms) / 1000;
    monitor_print_stats(self->request, &self->tally, seconds > 0 ? seconds : 0.001,
                        monitor_ear_lost(&self->ear), stdout);
}

static void run_out(watch *self)
{
    const tool_request *asked = &self->request->asked;
    bool is_short = asked->count > 0 || self->heard == 0;
    if (is_short && self->heard > 0) {
        tool_complain("only %ld of %ld came within %g s", self->heard, asked->count,
                      asked->limit_ms / 1000.0);
    } else if (is_short) {
        tool_complain("nothing came within %g s", asked->limit_ms / 1000.0);
    }
    tool_session_end(&self->session, is_short ? TOOL_TIMEOUT : TOOL_DONE);
}

static void go_on(watch *self)
{
    self->session.input = self->ear.epoll;
    while (!self->session.is_over) {
        int64_t next = self->due_ms < self->end_ms ? self->due_ms : self->end_ms;
        if (tool_session_turn(&self->session, next)) {
            monitor_ear_hear(&self->ear);
        }
        int64_t now = tool_clock_ms();
        if (!self->session.is_over && now >= self->due_ms) {
            self->due_ms += self->request->every_ms;
            summarise(self);
        }
        tool_session_flush(&self->session);
        if (self->capture != NULL && (fflush(self->capture) != 0 || ferror(self->capture))) {
            tool_session_end(&self->session, TOOL_FAILED);
        }
        if (!self->session.is_over && now >= self->end_ms) {
            run_out(self);
        }
    }
    if (self->request->wants_stats) {
        summarise(self);
    }
}

static void watch_on(watch *self)
{
    char *interfaces = tool_text_checked(autobus_bus_interfaces(self->session.bus));
    self->session.goes_on_forever = true;
    monitor_ear_join(&self->ear, interfaces);
    free(interfaces);
    tell_limits(self);
    autobus_result result = listen(self);
    if (result != AUTOBUS_OK) {
        tool_session_end(&self->session, tool_complain_of(result));
        return;
    }
    go_on(self);
    uint64_t lost = monitor_ear_lost(&self->ear);
    if (lost > 0) {
        tool_family_note(&self->request->asked.family,
                         "%llu packets came faster than they were read, and are missing",
                         (unsigned long long)lost);
    }
}

static tool_exit run(watch *self)
{
    const tool_request *asked = &self->request->asked;
    uint16_t port = (uint16_t)tool_family_port(&asked->family);
    self->ear.heard = heard_packet;
    self->ear.userdata = self;
    bool has_ear = monitor_ear_open(&self->ear, port, &self->ports);
    int error = errno;
    if (tool_session_open(&self->session, asked)) {
        if (has_ear) {
            watch_on(self);
        } else {
            tool_complain("UDP port %u cannot be listened at: %s", port, strerror(error));
            tool_session_end(&self->session, TOOL_FAILED);
        }
    }
    autobus_listener_free(&self->services);
    autobus_listener_free(&self->buses);
    tool_exit code = tool_session_close(&self->session);
    monitor_ear_close(&self->ear);
    return code;
}

tool_exit monitor_watch(const monitor_request *request)
{
    const tool_request *asked = &request->asked;
    int64_t now = tool_clock_ms();
    watch *self = tool_text_checked(calloc(1, sizeof *self));
    self->request = request;
    self->begun_ms = now;
    self->end_ms = asked->limit_ms > 0 ? now + asked->limit_ms : TOOL_NEVER;
    self->due_ms = request->every_ms > 0 ? now + request->every_ms : TOOL_NEVER;
    self->shows_all = tool_choice_is_open(&asked->target.choice);
    monitor_flows_init(&self->flows, heard_flow, self);
    tool_exit code = open_capture(self) ? run(self) : TOOL_FAILED;
    code = close_capture(self) ? code : TOOL_FAILED;
    monitor_flows_fini(&self->flows);
    free(self);
    return code;
}
