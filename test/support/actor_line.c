/* SPDX-License-Identifier: MIT
 * What the actor says: one JSON object a line, never torn, whichever thread says it. Knows stdout
 * and how sightings and messages are written down; does not know commands. */
#include "support/actor.h"

#include <stdio.h>
#include <time.h>

static const char *const change_names[] = {
    [AUTOBUS_APPEARED] = "appeared", [AUTOBUS_LEFT] = "left", [AUTOBUS_CHANGED] = "changed"};

static const char *const kind_names[] = {
    [AUTOBUS_ANSWER] = "answer",
    [AUTOBUS_FIRED] = "fired",
    [AUTOBUS_VALUE] = "value",
    [AUTOBUS_GONE] = "gone",
    [AUTOBUS_BOUND] = "bound",
    [AUTOBUS_LOST] = "lost",
    [AUTOBUS_UNRESPONSIVE] = "unresponsive",
    [AUTOBUS_RESPONSIVE] = "responsive",
    [AUTOBUS_OPENED] = "opened",
    [AUTOBUS_DATA] = "data",
    [AUTOBUS_BLOB] = "blob",
    [AUTOBUS_WRITABLE] = "writable",
    [AUTOBUS_ENDED] = "ended",
    [AUTOBUS_CLOSED_NOW] = "closed",
};

int64_t actor_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void actor_say(json_object *line)
{
    flockfile(stdout);
    puts(json_object_to_json_string_ext(line,
                                        JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    fflush(stdout);
    funlockfile(stdout);
    json_object_put(line);
}

void actor_describe(json_object *object, const autobus_sighting *sighting)
{
    json_object *locations = json_object_new_array();
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        json_object *location = json_object_new_array();
        json_object_array_add(location,
                              json_object_new_string(autobus_sighting_location_host(sighting, i)));
        json_object_array_add(location,
                              json_object_new_int(autobus_sighting_location_port(sighting, i)));
        json_object_array_add(locations, location);
    }
    json_object_object_add(object, "service",
                           json_object_new_string(autobus_sighting_id(sighting)));
    json_object_object_add(object, "host", json_object_new_string(autobus_sighting_host(sighting)));
    json_object_object_add(object, "port", json_object_new_int(autobus_sighting_port(sighting)));
    json_object_object_add(object, "info", autobus_sighting_info(sighting));
    json_object_object_add(object, "locations", locations);
}

void actor_say_event(const char *listener, autobus_change change, const autobus_sighting *sighting,
                     int64_t at)
{
    json_object *line = json_object_new_object();
    json_object_object_add(line, "event", json_object_new_string(change_names[change]));
    json_object_object_add(line, "listener", json_object_new_string(listener));
    json_object_object_add(line, "t", json_object_new_int64(at));
    actor_describe(line, sighting);
    actor_say(line);
}

void actor_say_message(const char *listener, const autobus_message *message)
{
    json_object *line = json_object_new_object();
    json_object_object_add(line, "event",
                           json_object_new_string(kind_names[autobus_message_kind(message)]));
    json_object_object_add(line, "listener", json_object_new_string(listener));
    json_object_object_add(line, "t", json_object_new_int64(actor_now()));
    json_object_object_add(line, "service",
                           json_object_new_string(autobus_message_service(message)));
    json_object_object_add(line, "name", json_object_new_string(autobus_message_name(message)));
    json_object_object_add(
        line, "result",
        json_object_new_string(autobus_result_text(autobus_message_result(message))));
    json_object_object_add(line, "error", json_object_new_string(autobus_message_error(message)));
    json_object_object_add(line, "remaining",
                           json_object_new_int64((int64_t)autobus_message_remaining(message)));
    size_t length = 0;
    if (autobus_message_bytes(message, &length) != NULL)
        json_object_object_add(line, "length", json_object_new_int64((int64_t)length));
    else
        json_object_object_add(line, "value", autobus_message_take(message));
    actor_say(line);
}
