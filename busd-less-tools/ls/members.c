/* SPDX-License-Identifier: MIT
 * One question for each bus; the services of a bus share the answer. */
#include "ls/members.h"

#include <string.h>

#include <json-c/json.h>

#include "tool/clock.h"
#include "tool/details.h"

enum {
    BUS_MS = 500
};

static bool is_same_bus(const autobus_sighting *a, const autobus_sighting *b)
{
    return autobus_sighting_port(a) == autobus_sighting_port(b) &&
           strcmp(autobus_sighting_host(a), autobus_sighting_host(b)) == 0;
}

static void share(ls_entries *entries, const ls_entry *first, json_object *details)
{
    for (size_t i = 0; i < entries->count; i++) {
        ls_entry *entry = entries->list[i];
        if (is_same_bus(entry->sighting, first->sighting)) {
            json_object *told = tool_details_entry(details, autobus_sighting_id(entry->sighting));
            entry->members = json_object_get(told);
            entry->is_asked = true;
        }
    }
}

void ls_members_ask(ls_entries *entries, tool_session *session)
{
    for (size_t i = 0; i < entries->count && !session->is_over; i++) {
        const ls_entry *entry = entries->list[i];
        if (entry->is_asked) {
            continue;
        }
        tool_subject subject = {.id = autobus_sighting_id(entry->sighting),
                                .sighting = entry->sighting};
        json_object *details =
            tool_details_fetch(session, &subject, tool_clock_ms() + BUS_MS, NULL);
        share(entries, entry, details);
        json_object_put(details);
    }
}
