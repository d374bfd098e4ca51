/* SPDX-License-Identifier: MIT
 * Firing events: what is said is written once, for each codec, and shared by all who listen. */
#include "service/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/introspection.h"
#include "value/json.h"

/* One client listens for one event. */
typedef struct listen {
    ab_list place; /**< in the event's */
    ab_client *client;
    ab_event *event;
} listen;

static ab_event *event_get(autobus_service *service, const char *name, size_t length) AB_LOCKED
{
    ab_event *event = ab_map_get(&service->events, name, length);

    if (event != NULL)
        return event;
    event = ab_alloc(1, sizeof *event);
    event->name = ab_text_new(name, length);
    ab_list_init(&event->listens);
    ab_map_put(&service->events, event->name->bytes, length, event);
    return event;
}

static void event_forget_if_unused(autobus_service *service, ab_event *event) AB_LOCKED
{
    if (event->description != NULL || !ab_list_is_empty(&event->listens))
        return;
    ab_map_take(&service->events, event->name->bytes, event->name->length);
    ab_text_unref(event->name);
    free(event);
}

autobus_result ab_service_add_event(autobus_service *service, const char *name,
                                    const char *description)
{
    autobus_result result = ab_name_check("event", name);

    if (result != AUTOBUS_OK)
        return result;
    ab_description *read = ab_description_parse(AB_OF_EVENT, name, description);
    if (read == NULL)
        return AUTOBUS_INVALID;
    if (!ab_service_enter(service, &result)) {
        ab_description_free(read);
        return result;
    }
    ab_event *event = event_get(service, name, strlen(name));
    bool is_new = event->description == NULL;
    if (is_new) {
        event->description = read;
        ab_introspection_touch(service);
    }
    ab_service_leave(service);
    if (is_new)
        return AUTOBUS_OK;
    ab_description_free(read);
    return ab_fail(AUTOBUS_IN_USE, "the service has an event \"%s\" already", name);
}

static autobus_result event_missing(const char *name)
{
    return ab_fail(AUTOBUS_NOT_FOUND, "the service has no event \"%s\"", name);
}

/* NULL: there is none. */
static ab_event *event_find(autobus_service *service, const char *name) AB_LOCKED
{
    ab_event *event = ab_map_get(&service->events, name, strlen(name));

    return event != NULL && event->description != NULL ? event : NULL;
}

autobus_result ab_service_remove_event(autobus_service *service, const char *name)
{
    autobus_result result = ab_name_check("event", name);

    if (result != AUTOBUS_OK || !ab_service_enter(service, &result))
        return result;
    ab_event *event = event_find(service, name);
    bool is_there = event != NULL;
    if (is_there) {
        ab_description_free(event->description);
        event->description = NULL;
        event_forget_if_unused(service, event);
        ab_introspection_touch(service);
    }
    ab_service_leave(service);
    return is_there ? AUTOBUS_OK : event_missing(name);
}

/* A listener that is dropped for being slow goes out of the ring under our feet: only that one does. */
static void tell(autobus_service *service, ab_event *event, ab_slice arguments) AB_LOCKED
{
    ab_circular *fired = service->offers->fired;

    AB_LIST_FOR_SAFE (each, &event->listens) {
        ab_session *session = AB_CONTAINER(each, listen, place)->client->session;
        const ab_codec *codec = ab_session_codec(session);
        ab_circular *written = &fired[codec->place];
        if (ab_buffer_length(&written->message) == 0)
            codec->fired(&written->message, ab_text_slice(event->name), arguments);
        ab_session_send(session, written);
    }
    for (size_t i = 0; i < AB_CODECS; i++)
        ab_circular_clear(&fired[i]);
}

autobus_result ab_service_fire(autobus_service *service, const char *name, ab_slice arguments)
{
    autobus_result result;

    if (name == NULL)
        return ab_name_check("event", name);
    if (!ab_service_enter(service, &result))
        return result;
    ab_event *event = event_find(service, name);
    if (event != NULL)
        tell(service, event, arguments);
    ab_service_leave(service);
    if (event != NULL)
        return AUTOBUS_OK;
    /* One that is there has a name that may be. */
    autobus_result why = ab_name_check("event", name);
    return why == AUTOBUS_OK ? event_missing(name) : why;
}

void ab_events_fini(autobus_service *service)
{
    size_t cursor = 0;

    for (ab_event *each; (each = ab_map_next(&service->events, &cursor)) != NULL; cursor = 0) {
        ab_description_free(each->description);
        each->description = NULL;
        event_forget_if_unused(service, each);
    }
    ab_map_fini(&service->events);
}

void ab_event_listen(ab_client *client, const ab_ask *ask)
{
    const ab_name *name = &ask->name;

    if (ab_map_get(&client->listens, name->bytes, name->length) != NULL) {
        ab_client_refuse(client, ask, AUTOBUS_IN_USE, "You're already listening for that event.");
        return;
    }
    if (client->listens.count >= AB_CLIENT_NAMES) {
        ab_client_refuse(client, ask, AUTOBUS_BUSY, "You listen for too many events.");
        return;
    }
    listen *fresh = ab_alloc(1, sizeof *fresh);
    fresh->client = client;
    fresh->event = event_get(client->service, name->bytes, name->length);
    ab_list_append(&fresh->event->listens, &fresh->place);
    ab_map_put(&client->listens, fresh->event->name->bytes, name->length, fresh);
    ab_client_answer_name(client, ask, NULL);
}

static void listen_free(listen *gone) AB_LOCKED
{
    ab_list_remove(&gone->place);
    event_forget_if_unused(gone->client->service, gone->event);
    free(gone);
}

void ab_event_unlisten(ab_client *client, const ab_ask *ask)
{
    const ab_name *name = &ask->name;
    listen *gone = ab_map_take(&client->listens, name->bytes, name->length);

    if (gone == NULL) {
        ab_client_refuse(client, ask, AUTOBUS_NOT_FOUND, "You're not listening for that event.");
        return;
    }
    listen_free(gone);
    ab_client_answer_name(client, ask, NULL);
}

void ab_listens_fini(ab_client *client)
{
    size_t cursor = 0;

    for (listen *each; (each = ab_map_next(&client->listens, &cursor)) != NULL; cursor = 0) {
        ab_map_take(&client->listens, each->event->name->bytes, each->event->name->length);
        listen_free(each);
    }
    ab_map_fini(&client->listens);
}
