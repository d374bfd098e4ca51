/* SPDX-License-Identifier: MIT
 * A service is an id and an info text; while it is published it stands in its bus's list and in the offers. */
#include "bus/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "service/introspection.h"
#include "value/json.h"

#define ID_MAX 1024

struct autobus_service {
    ab_list place;    /**< in the bus's services while published */
    autobus_bus *bus; /**< NULL only if it was made with none: the mistake says so */
    ab_text *id, *info;
    autobus_result mistake; /**< the first one while it was built */
    char *sentence;
    bool is_published; /**< guarded by the bus lock */
};

static autobus_result remember(autobus_service *service, autobus_result result)
{
    if (result != AUTOBUS_OK && service->mistake == AUTOBUS_OK) {
        service->mistake = result;
        service->sentence = ab_strdup(autobus_last_error());
    }
    return result;
}

/** The info as it will be sent, with this machine's name in it. */
static ab_text *info_text(json_object *info)
{
    char host[256];
    ab_buffer out;

    ab_introspection_hostname(host, sizeof host);
    json_object_object_add(info, "hostname", json_object_new_string(host));
    ab_buffer_init(&out);
    ab_json_print(&out, info);
    ab_text *text = ab_text_new(ab_buffer_bytes(&out), ab_buffer_length(&out));
    ab_buffer_fini(&out);
    return text;
}

autobus_service *ab_service_new(autobus_bus *bus, json_object *info, autobus_result mistake)
{
    autobus_service *service = ab_alloc(1, sizeof *service);
    char id[20];

    snprintf(id, sizeof id, "%016" PRIx64, ab_random_id());
    service->id = ab_text_new(id, strlen(id));
    ab_list_init(&service->place);
    (void)remember(service, mistake);
    if (bus == NULL)
        (void)remember(service, ab_fail(AUTOBUS_INVALID, "a service needs a bus, not NULL"));
    else
        service->bus = ab_bus_ref(bus);
    if (json_object_is_type(info, json_type_object))
        service->info = info_text(info);
    else
        (void)remember(
            service, ab_fail(AUTOBUS_INVALID,
                             "a service's info must be an object such as {'type': 'lamp'}, not %s",
                             info == NULL ? "null" : json_object_to_json_string(info)));
    json_object_put(info);
    return service;
}

/** A bus that is ending withdraws them all at once. */
static void withdraw_locked(autobus_service *service) AB_LOCKED
{
    autobus_bus *bus = service->bus;

    if (!service->is_published)
        return;
    service->is_published = false;
    ab_list_remove(&service->place);
    if (bus->is_closing)
        return;
    (void)ab_offers_withdraw(bus->offers, ab_loop_now(bus->loop), service->id);
    ab_discovery_touch(bus->discovery);
}

void ab_service_free(autobus_service *service)
{
    autobus_bus *bus = service->bus;

    if (bus != NULL && ab_bus_is_foreign(bus))
        return;
    if (bus != NULL) {
        ab_lock_take(bus->lock);
        withdraw_locked(service);
        ab_lock_drop(bus->lock);
    }
    ab_text_unref(service->id);
    ab_text_unref(service->info);
    free(service->sentence);
    free(service);
    if (bus != NULL)
        ab_bus_unref(bus);
}

static bool is_printable(const char *id)
{
    for (const unsigned char *at = (const unsigned char *)id; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f)
            return false;
    return true;
}

autobus_result ab_service_set_id(autobus_service *service, const char *id)
{
    if (id == NULL || id[0] == '\0' || strlen(id) > ID_MAX || !is_printable(id))
        return remember(
            service,
            ab_fail(AUTOBUS_INVALID,
                    "a service id must be 1 to %d bytes of text without control characters",
                    ID_MAX));
    if (ab_service_is_published(service))
        return ab_fail(AUTOBUS_INVALID, "service \"%s\" is published; choose its id before that",
                       service->id->bytes);
    ab_text_unref(service->id);
    service->id = ab_text_new(id, strlen(id));
    return AUTOBUS_OK;
}

const char *ab_service_id(const autobus_service *service)
{
    return service->id->bytes;
}

static autobus_result publish_locked(autobus_service *service) AB_LOCKED
{
    autobus_bus *bus = service->bus;

    if (service->is_published)
        return AUTOBUS_OK;
    autobus_result result =
        ab_offers_publish(bus->offers, ab_loop_now(bus->loop), service->id, service->info);
    if (result != AUTOBUS_OK)
        return result;
    service->is_published = true;
    ab_list_append(&bus->services, &service->place);
    ab_discovery_touch(bus->discovery);
    return AUTOBUS_OK;
}

autobus_result ab_service_publish(autobus_service *service)
{
    autobus_bus *bus = service->bus;
    autobus_result result;

    if (service->mistake != AUTOBUS_OK)
        return ab_fail(service->mistake, "%s", service->sentence);
    if (!ab_bus_enter(bus, &result))
        return result;
    result = publish_locked(service);
    ab_bus_leave(bus);
    return result;
}

autobus_result ab_service_withdraw(autobus_service *service)
{
    autobus_bus *bus = service->bus;
    autobus_result result;

    if (bus == NULL)
        return AUTOBUS_OK;
    if (!ab_bus_enter(bus, &result))
        return result == AUTOBUS_CLOSED ? AUTOBUS_OK : result;
    withdraw_locked(service);
    ab_bus_leave(bus);
    return AUTOBUS_OK;
}

bool ab_service_is_published(const autobus_service *service)
{
    autobus_result why;

    if (service->bus == NULL || !ab_bus_enter(service->bus, &why))
        return false;
    bool is_published = service->is_published;
    ab_bus_leave(service->bus);
    return is_published;
}

void ab_services_close(autobus_bus *bus)
{
    for (ab_list *each; (each = ab_list_take_first(&bus->services)) != NULL;)
        AB_CONTAINER(each, autobus_service, place)->is_published = false;
}
