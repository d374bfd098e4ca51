/* SPDX-License-Identifier: MIT
 * Values and watchers. What a watcher has not yet been sent is not kept: its slot is written with the value of the
 * moment in which it is its turn. */
#include "service/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/introspection.h"

/* One client watches one object. */
typedef struct watch {
    ab_slot slot;
    ab_list place; /**< in the object's */
    ab_client *client;
    ab_object *object;
} watch;

static ab_object *object_get(autobus_service *service, const char *name, size_t length) AB_LOCKED
{
    ab_object *object = ab_map_get(&service->objects, name, length);

    if (object != NULL)
        return object;
    object = ab_alloc(1, sizeof *object);
    object->name = ab_text_new(name, length);
    object->service = service;
    ab_list_init(&object->watches);
    ab_map_put(&service->objects, object->name->bytes, length, object);
    return object;
}

static void object_forget_if_unused(ab_object *object) AB_LOCKED
{
    if (object->description != NULL || !ab_list_is_empty(&object->watches))
        return;
    ab_map_take(&object->service->objects, object->name->bytes, object->name->length);
    ab_text_unref(object->name);
    ab_text_unref(object->value);
    free(object);
}

/* False: it is gone. */
static bool value_of(const ab_object *object, ab_slice *value) AB_LOCKED
{
    const ab_text *text = object->make != NULL ? object->make(object->service) : object->value;

    if (text != NULL)
        *value = (ab_slice){text->bytes, text->length};
    return text != NULL;
}

static void set_value(ab_object *object, ab_text *value) AB_LOCKED
{
    ab_text_unref(object->value);
    object->value = value;
    ab_object_touch(object);
}

void ab_object_touch(ab_object *object)
{
    /* Who is dropped for being slow goes out of the ring under our feet: only that one does. */
    AB_LIST_FOR_SAFE (each, &object->watches) {
        watch *one = AB_CONTAINER(each, watch, place);
        ab_session_touch(one->client->session, &one->slot);
    }
}

autobus_result ab_service_add_object(autobus_service *service, const char *name,
                                     const char *description, ab_text *value)
{
    autobus_result result = ab_name_check("object", name);
    ab_description *read = NULL;

    if (result == AUTOBUS_OK &&
        (read = ab_description_parse(AB_OF_OBJECT, name, description)) == NULL)
        result = AUTOBUS_INVALID;
    if (result == AUTOBUS_OK && ab_service_enter(service, &result)) {
        ab_object *object = object_get(service, name, strlen(name));
        if (object->description != NULL) {
            result = ab_fail(AUTOBUS_IN_USE, "the service has an object \"%s\" already", name);
        } else {
            object->description = read;
            set_value(object, value);
            ab_introspection_touch(service);
        }
        ab_service_leave(service);
    }
    if (result != AUTOBUS_OK) {
        ab_description_free(read);
        ab_text_unref(value);
    }
    return result;
}

/* NULL with a sentence and *why. */
static ab_object *object_find(autobus_service *service, const char *name, autobus_result *why)
    AB_LOCKED
{
    ab_object *object = ab_map_get(&service->objects, name, strlen(name));

    if (object != NULL && object->description != NULL)
        return object;
    *why = ab_fail(AUTOBUS_NOT_FOUND, "the service has no object \"%s\"", name);
    return NULL;
}

autobus_result ab_service_remove_object(autobus_service *service, const char *name)
{
    autobus_result result = ab_name_check("object", name);

    if (result != AUTOBUS_OK || !ab_service_enter(service, &result))
        return result;
    ab_object *object = object_find(service, name, &result);
    if (object != NULL) {
        ab_description_free(object->description);
        object->description = NULL;
        set_value(object, NULL);
        object_forget_if_unused(object);
        ab_introspection_touch(service);
    }
    ab_service_leave(service);
    return result;
}

autobus_result ab_service_set(autobus_service *service, const char *name, ab_text *value)
{
    autobus_result result = ab_name_check("object", name);
    ab_object *object = NULL;

    if (result == AUTOBUS_OK && ab_service_enter(service, &result)) {
        object = object_find(service, name, &result);
        if (object != NULL)
            set_value(object, value);
        ab_service_leave(service);
    }
    if (object == NULL)
        ab_text_unref(value);
    return result;
}

ab_object *ab_object_make(autobus_service *service, const char *name,
                          const ab_text *(*make)(autobus_service *service))
{
    ab_object *object = object_get(service, name, strlen(name));

    object->description = ab_description_parse(AB_OF_OBJECT, name, NULL);
    object->make = make;
    return object;
}

void ab_objects_fini(autobus_service *service)
{
    size_t cursor = 0;

    for (ab_object *each; (each = ab_map_next(&service->objects, &cursor)) != NULL; cursor = 0) {
        ab_description_free(each->description);
        each->description = NULL;
        object_forget_if_unused(each);
    }
    ab_map_fini(&service->objects);
}

static void write_changed(ab_slot *slot, ab_buffer *out) AB_LOCKED
{
    const watch *one = AB_CONTAINER(slot, watch, slot);
    ab_slice value, name = ab_text_slice(one->object->name);

    ab_session_codec(one->client->session)
        ->changed(out, name, value_of(one->object, &value) ? &value : NULL);
}

void ab_object_watch(ab_client *client, const ab_ask *ask)
{
    const ab_name *name = &ask->name;
    ab_slice value = AB_SLICE("null");

    if (ab_map_get(&client->watches, name->bytes, name->length) != NULL) {
        ab_client_refuse(client, ask, AUTOBUS_IN_USE, "You're already watching that object.");
        return;
    }
    if (client->watches.count >= AB_CLIENT_NAMES) {
        ab_client_refuse(client, ask, AUTOBUS_BUSY, "You watch too many objects.");
        return;
    }
    watch *fresh = ab_alloc(1, sizeof *fresh);
    ab_slot_init(&fresh->slot, write_changed);
    fresh->client = client;
    fresh->object = object_get(client->service, name->bytes, name->length);
    ab_list_append(&fresh->object->watches, &fresh->place);
    ab_map_put(&client->watches, fresh->object->name->bytes, name->length, fresh);
    (void)value_of(fresh->object, &value);
    ab_client_answer_name(client, ask, &value);
    if (client->session != NULL)
        ab_session_touch(client->session, &fresh->slot);
}

static void watch_free(watch *gone) AB_LOCKED
{
    ab_slot_forget(&gone->slot);
    ab_list_remove(&gone->place);
    object_forget_if_unused(gone->object);
    free(gone);
}

/* To a legacy client this is how it learns that the watch is over. */
static void say_gone(ab_client *client, const ab_name *name) AB_LOCKED
{
    AB_SCOPED(ab_circular_fini) ab_circular circular;

    ab_circular_init(&circular);
    ab_session_codec(client->session)
        ->changed(&circular.message, (ab_slice){name->bytes, name->length}, NULL);
    ab_session_send(client->session, &circular);
}

void ab_object_unwatch(ab_client *client, const ab_ask *ask)
{
    const ab_name *name = &ask->name;
    watch *gone = ab_map_take(&client->watches, name->bytes, name->length);

    if (gone == NULL) {
        ab_client_refuse(client, ask, AUTOBUS_NOT_FOUND, "You're not watching that object.");
        return;
    }
    watch_free(gone);
    ab_client_answer_name(client, ask, &AB_SLICE("null"));
    if (client->session != NULL)
        say_gone(client, name);
}

void ab_watches_fini(ab_client *client)
{
    size_t cursor = 0;

    for (watch *each; (each = ab_map_next(&client->watches, &cursor)) != NULL; cursor = 0) {
        ab_map_take(&client->watches, each->object->name->bytes, each->object->name->length);
        watch_free(each);
    }
    ab_map_fini(&client->watches);
}
