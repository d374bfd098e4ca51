/* SPDX-License-Identifier: MIT
 * Asking for details, and finding something in them. */
#include "tool/details.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <autobus/listener.h>
#include <json-c/json.h>

#include "tool/answer.h"
#include "tool/clock.h"
#include "tool/nearest.h"
#include "tool/text.h"

enum {
    NAMED_MOST = 6,
    GRACE_MS = 500 /* the library says itself when the time is over */
};

/* Asks the service `id` at a place; NULL: whatever introspects the bus there. */
static tool_answer *ask_at(tool_session *session, const char *host, uint16_t port, const char *id,
                           int64_t until_ms)
{
    autobus_remote *remote = NULL;
    int64_t left = until_ms - tool_clock_ms();
    if (left <= 0) {
        return tool_answer_of(AUTOBUS_TIMEOUT, "no answer came in time");
    }
    autobus_result result = autobus_connect_to(session->bus, host, port, id, 0, &remote);
    if (result != AUTOBUS_OK) {
        return tool_answer_of(result, NULL);
    }
    tool_answer *answer = tool_answer_ask(remote, "get_details", NULL, (int)left);
    (void)tool_session_await(session, &answer->is_there, until_ms + GRACE_MS);
    autobus_remote_free(&remote);
    if (!answer->is_there ||
        (answer->result == AUTOBUS_OK && !json_object_is_type(answer->value, json_type_object))) {
        tool_answer_drop(&answer);
        return tool_answer_of(AUTOBUS_INCOMPATIBLE, "what it tells of itself is nothing known");
    }
    return answer;
}

static bool is_at(const autobus_sighting *sighting, const char *host, uint16_t port)
{
    for (size_t i = 0; i < autobus_sighting_locations(sighting); i++) {
        if (autobus_sighting_location_port(sighting, i) == port &&
            strcmp(autobus_sighting_location_host(sighting, i), host) == 0) {
            return true;
        }
    }
    return false;
}

/* The id of what introspects the bus at a place, as far as it is discovered; yours. */
static char *introspection_at(tool_session *session, const char *host, uint16_t port)
{
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    autobus_sighting **found = NULL;
    size_t count = 0;
    char *id = NULL;
    (void)autobus_filter_add_text(filter, "type=autobus.details");
    if (autobus_bus_enumerate(session->bus, filter, &found, &count) != AUTOBUS_OK) {
        return NULL;
    }
    for (size_t i = 0; i < count && id == NULL; i++) {
        if (is_at(found[i], host, port)) {
            id = tool_text_checked(strdup(autobus_sighting_id(found[i])));
        }
    }
    autobus_sightings_free(&found, count);
    return id;
}

/* An old peer's introspection answers to its id alone. */
static tool_answer *ask_bus(tool_session *session, const char *host, uint16_t port,
                            int64_t until_ms)
{
    tool_answer *answer = ask_at(session, host, port, NULL, until_ms);
    char *id = answer->result == AUTOBUS_OK ? NULL : introspection_at(session, host, port);
    if (id != NULL) {
        tool_answer_drop(&answer);
        answer = ask_at(session, host, port, id, until_ms);
    }
    free(id);
    return answer;
}

json_object *tool_details_fetch(tool_session *session, const tool_subject *subject,
                                int64_t until_ms, tool_answer **ret_why)
{
    uint16_t port;
    const char *host;
    tool_answer *answer = NULL;
    json_object *details = NULL;
    for (size_t i = 0; details == NULL && !session->is_over &&
                       (host = tool_subject_location(subject, i, &port)) != NULL;
         i++) {
        tool_answer_drop(&answer);
        answer = ask_bus(session, host, port, until_ms);
        details = answer->result == AUTOBUS_OK ? json_object_get(answer->value) : NULL;
    }
    if (ret_why != NULL) {
        *ret_why = details == NULL ? answer : NULL;
        answer = details == NULL ? NULL : answer;
    }
    tool_answer_drop(&answer);
    return details;
}

static json_object *map_or_null(json_object *value)
{
    return json_object_is_type(value, json_type_object) ? value : NULL;
}

static json_object *own_entry(json_object *details)
{
    struct json_object_iterator end = json_object_iter_end(details);
    struct json_object_iterator at = json_object_iter_begin(details);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        json_object *entry = json_object_iter_peek_value(&at);
        json_object *info = json_object_object_get(entry, "info");
        const char *type = json_object_get_string(json_object_object_get(info, "type"));
        if (type != NULL && strcmp(type, "autobus.details") == 0) {
            return entry;
        }
    }
    return NULL;
}

json_object *tool_details_entry(json_object *details, const char *id)
{
    if (details == NULL) {
        return NULL;
    }
    return map_or_null(id != NULL ? json_object_object_get(details, id) : own_entry(details));
}

json_object *tool_details_members(json_object *entry, const char *kind)
{
    return map_or_null(json_object_object_get(entry, kind));
}

static char *list_some(const char *const *names, size_t count)
{
    char *text = NULL;
    size_t length;
    size_t shown = count < NAMED_MOST ? count : NAMED_MOST;
    FILE *out = tool_text_stream(&text, &length);
    fputs("It has ", out);
    for (size_t i = 0; i < shown; i++) {
        bool is_last = i + 1 == shown && shown == count;
        fprintf(out, "%s'%s'", i == 0 ? "" : is_last ? " and " : ", ", names[i]);
    }
    if (shown < count) {
        fprintf(out, " and %zu more", count - shown);
    }
    fputc('.', out);
    fclose(out);
    return tool_text_checked(text);
}

static int by_letters(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **tool_details_names(json_object *members, size_t *ret_count)
{
    size_t count = members != NULL ? (size_t)json_object_object_length(members) : 0;
    const char **names = tool_text_checked(calloc(count + 1, sizeof *names));
    *ret_count = 0;
    if (count == 0) {
        return names;
    }
    struct json_object_iterator end = json_object_iter_end(members);
    struct json_object_iterator at = json_object_iter_begin(members);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        names[(*ret_count)++] = json_object_iter_peek_name(&at);
    }
    qsort(names, count, sizeof *names, by_letters);
    return names;
}

static char *instead(json_object *members, const char *name)
{
    size_t count;
    const char **names = tool_details_names(members, &count);
    char *text = NULL;
    if (count > 0) {
        char *near = tool_nearest(name, names, count);
        text = near != NULL ? tool_text_format("Did you mean %s?", near) : list_some(names, count);
        free(near);
    }
    free(names);
    return text;
}

char *tool_details_instead(json_object *entry, const char *kind, const char *name)
{
    return instead(tool_details_members(entry, kind), name);
}

char *tool_details_instead_of_id(json_object *details, const char *id)
{
    return instead(details, id);
}
