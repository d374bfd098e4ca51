/* SPDX-License-Identifier: MIT
 * A ring of them. A service is known by its id, a bus by its TCP port: its addresses are several. */
#include "monitor/farewells.h"

#include <stdio.h>
#include <string.h>

#include "monitor/hash.h"

static uint64_t bus_at(uint16_t port)
{
    char text[16];
    snprintf(text, sizeof text, "%u", port);
    return monitor_hash(1, text);
}

static void add(monitor_farewells *self, uint64_t whose, monitor_reason reason, int64_t now_ms)
{
    self->list[self->next] = (monitor_farewell){whose, now_ms + MONITOR_FAREWELL_MS, reason};
    self->next = (self->next + 1) % MONITOR_FAREWELLS;
}

static void forget(monitor_farewells *self, uint64_t whose)
{
    for (size_t i = 0; i < MONITOR_FAREWELLS; i++) {
        if (self->list[i].whose == whose) {
            self->list[i].until_ms = 0;
        }
    }
}

void monitor_farewells_forget(monitor_farewells *self, const char *service)
{
    forget(self, monitor_hash(0, service));
}

void monitor_farewells_note(monitor_farewells *self, const monitor_message *message, int64_t now_ms)
{
    bool is_add = strcmp(message->kind, "add") == 0;
    bool is_remove = strcmp(message->kind, "remove") == 0;
    if (message->name != NULL && is_add) {
        monitor_farewells_forget(self, message->name);
    } else if (message->name != NULL && is_remove) {
        add(self, monitor_hash(0, message->name), MONITOR_WITHDRAWN, now_ms);
    }
    if (!message->has_count || message->port == 0) {
        return;
    }
    if (message->count == 0) {
        add(self, bus_at(message->port), MONITOR_GOODBYE, now_ms);
    } else {
        forget(self, bus_at(message->port));
    }
}

monitor_reason monitor_farewells_of(const monitor_farewells *self, const char *service,
                                    uint16_t port, int64_t now_ms)
{
    uint64_t id = monitor_hash(0, service);
    uint64_t bus = bus_at(port);
    monitor_reason reason = MONITOR_SILENT;
    for (size_t i = 0; i < MONITOR_FAREWELLS; i++) {
        const monitor_farewell *it = &self->list[i];
        if (it->until_ms > now_ms && (it->whose == id || it->whose == bus) && it->reason > reason) {
            reason = it->reason;
        }
    }
    return reason;
}

const char *monitor_reason_name(monitor_reason reason)
{
    static const char *const names[] = {"silent", "withdrawn", "goodbye"};
    return names[reason];
}

const char *monitor_reason_words(monitor_reason reason)
{
    static const char *const words[] = {"no goodbye was heard", "withdrawn", "it said goodbye"};
    return words[reason];
}
