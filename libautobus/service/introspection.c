/* SPDX-License-Identifier: MIT
 * Writes what is told of our services. Knows neither the directory nor who asks. */
#include "service/introspection.h"

#include <string.h>
#include <unistd.h>

#include "service/event.h"
#include "service/function.h"
#include "service/gate.h"
#include "service/object.h"
#include "value/json.h"

#define DETAILS "details"

void ab_introspection_hostname(char *name, size_t size)
{
    if (gethostname(name, size) != 0)
        name[0] = '\0';
    name[size - 1] = '\0';
    name[strcspn(name, ".")] = '\0';
    if (name[0] == '\0')
        strncpy(name, "localhost", size - 1);
}

ab_text *ab_introspection_info(void)
{
    char host[256];
    ab_buffer text;

    ab_introspection_hostname(host, sizeof host);
    ab_buffer_init(&text);
    ab_buffer_appendf(&text,
                      "{\"type\":\"autobus.details\",\"pid\":%ld,\"hostname\":", (long)getpid());
    ab_json_print_string(&text, ab_slice_of(host));
    ab_buffer_append_text(&text, "}");
    ab_text *info = ab_text_new(ab_buffer_bytes(&text), ab_buffer_length(&text));
    ab_buffer_fini(&text);
    return info;
}

/* A member of an entry, or of one of its maps. */
static void key_add(ab_buffer *out, bool *is_first, const ab_text *key)
{
    ab_buffer_append_text(out, *is_first ? "" : ",");
    *is_first = false;
    ab_json_print_string(out, (ab_slice){key->bytes, key->length});
    ab_buffer_append_text(out, ":");
}

static void member_add(ab_buffer *out, bool *is_first, const ab_text *key,
                       const ab_description *description)
{
    if (description == NULL)
        return;
    key_add(out, is_first, key);
    ab_buffer_append(out, description->text->bytes, description->text->length);
}

static void functions_add(ab_buffer *out, const autobus_service *service) AB_LOCKED
{
    size_t cursor = 0;
    bool is_first = true;

    ab_buffer_append_text(out, ",\"functions\":{");
    if (service == service->offers->introspection)
        ab_buffer_append_text(out, "\"get_details\":{}");
    for (ab_function *each; (each = ab_map_next(&service->functions, &cursor)) != NULL;)
        member_add(out, &is_first, each->name, each->description);
}

static void events_add(ab_buffer *out, const autobus_service *service) AB_LOCKED
{
    size_t cursor = 0;
    bool is_first = true;

    ab_buffer_append_text(out, "},\"events\":{");
    for (ab_event *each; (each = ab_map_next(&service->events, &cursor)) != NULL;)
        member_add(out, &is_first, each->name, each->description);
}

static void objects_add(ab_buffer *out, const autobus_service *service) AB_LOCKED
{
    size_t cursor = 0;
    bool is_first = true;

    ab_buffer_append_text(out, "},\"objects\":{");
    for (ab_object *each; (each = ab_map_next(&service->objects, &cursor)) != NULL;)
        member_add(out, &is_first, each->name, each->description);
}

static void channels_add(ab_buffer *out, const autobus_service *service) AB_LOCKED
{
    size_t cursor = 0;
    bool is_first = true;

    ab_buffer_append_text(out, "},\"channels\":{");
    for (ab_gate *each; (each = ab_map_next(&service->gates, &cursor)) != NULL;)
        member_add(out, &is_first, each->name, each->description);
    ab_buffer_append_text(out, "}");
}

static void entry_add(ab_buffer *out, bool *is_first, const autobus_service *service) AB_LOCKED
{
    key_add(out, is_first, service->id);
    ab_buffer_append_text(out, "{\"info\":");
    ab_buffer_append(out, service->info->bytes, service->info->length);
    functions_add(out, service);
    events_add(out, service);
    objects_add(out, service);
    channels_add(out, service);
    if (service->doc != NULL) {
        ab_buffer_append_text(out, ",\"doc\":");
        ab_json_print_string(out, (ab_slice){service->doc->bytes, service->doc->length});
    }
    ab_buffer_append_text(out, "}");
}

/* Kept until something changes: several who watch get the same bytes. */
static const ab_text *details_of(autobus_service *details) AB_LOCKED
{
    ab_offers *offers = details->offers;
    bool is_first = true;

    if (offers->details != NULL)
        return offers->details;
    AB_SCOPED(ab_buffer_fini) ab_buffer out;
    ab_buffer_init(&out);
    ab_buffer_append_text(&out, "{");
    if (details->is_published)
        entry_add(&out, &is_first, details);
    AB_LIST_FOR (each, &offers->services)
        entry_add(&out, &is_first, AB_CONTAINER(each, autobus_service, place));
    ab_buffer_append_text(&out, "}");
    offers->details = ab_text_new(ab_buffer_bytes(&out), ab_buffer_length(&out));
    return offers->details;
}

void ab_introspection_furnish(autobus_service *details)
{
    (void)ab_object_make(details, DETAILS, details_of);
}

void ab_introspection_renew(ab_offers *offers)
{
    ab_text_unref(offers->details);
    offers->details = NULL;
    ab_object_touch(ab_map_get(&offers->introspection->objects, DETAILS, sizeof DETAILS - 1));
}

void ab_introspection_touch(const autobus_service *service)
{
    if (service->is_published)
        ab_introspection_renew(service->offers);
}

bool ab_introspection_calls(ab_client *client, const ab_ask *ask)
{
    if (client->service != client->service->offers->introspection ||
        !ab_slice_is((ab_slice){ask->name.bytes, ask->name.length}, "get_details"))
        return false;
    if (ask->id.kind == AB_KIND_NONE)
        return true;
    const ab_text *details = details_of(client->service);
    ab_session_answer(client->session, ask->id, "result", ab_text_slice(details));
    return true;
}
