/* SPDX-License-Identifier: MIT
 * The handle of a service: its id, its info text, publishing it and taking it back. Knows nothing of what hangs
 * on it. */
#include "service/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "service/event.h"
#include "service/function.h"
#include "service/gate.h"
#include "service/introspection.h"
#include "service/object.h"
#include "value/json.h"
#include "value/scan.h"
#include "value/utf8.h"

#define ID_MAX 1024
#define ENVELOPE \
    2048U /* what a line needs beside what the program says: a name, escaped, and keys */
/* Packets and pages put an info into three containers more, and who reads them bounds the whole. */
#define INFO_DEPTH (AB_SCAN_DEPTH - 3)

static autobus_result remember(autobus_service *service, autobus_result result)
{
    if (result != AUTOBUS_OK && service->mistake == AUTOBUS_OK) {
        service->mistake = result;
        service->sentence = ab_strdup(autobus_last_error());
    }
    return result;
}

static autobus_result say_mistake(const autobus_service *service)
{
    return ab_fail(service->mistake, "%s", service->sentence);
}

bool ab_service_enter(const autobus_service *service, autobus_result *why)
{
    if (service->offers == NULL) {
        *why = say_mistake(service);
        return false;
    }
    return ab_seat_enter(service->offers->seat, why);
}

void ab_service_leave(const autobus_service *service)
{
    ab_seat_leave(service->offers->seat);
}

static autobus_result check_info(json_object *info)
{
    if (!json_object_is_type(info, json_type_object))
        return ab_fail(AUTOBUS_INVALID,
                       "a service's info must be an object such as {'type': 'lamp'}, not %s",
                       info == NULL ? "null" : json_object_to_json_string(info));
    if (!ab_json_is_within(info, INFO_DEPTH))
        return ab_fail(AUTOBUS_TOO_LARGE,
                       "a service's info may have lists and maps nested %d deep, no deeper",
                       INFO_DEPTH);
    return AUTOBUS_OK;
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

/* Nobody else knows it yet: no lock. */
static autobus_service *make(ab_offers *offers) AB_UNCHECKED
{
    autobus_service *service = ab_alloc(1, sizeof *service);
    char id[20];

    snprintf(id, sizeof id, "%016" PRIx64, ab_random_id());
    service->id = ab_text_new(id, strlen(id));
    service->offers = offers;
    ab_list_init(&service->place);
    ab_map_init(&service->functions);
    ab_map_init(&service->events);
    ab_map_init(&service->objects);
    ab_map_init(&service->gates);
    ab_list_init(&service->clients);
    return service;
}

autobus_service *ab_service_new(ab_offers *offers, json_object *info, autobus_result mistake)
{
    autobus_service *service = make(offers);

    (void)remember(service, mistake);
    if (offers == NULL)
        (void)remember(service, ab_fail(AUTOBUS_INVALID, "a service needs a bus, not NULL"));
    else
        (void)ab_seat_ref(offers->seat);
    if (remember(service, check_info(info)) == AUTOBUS_OK)
        service->info = info_text(info);
    json_object_put(info);
    return service;
}

autobus_service *ab_service_make_introspection(ab_offers *offers) AB_UNCHECKED
{
    autobus_service *details = make(offers);
    ab_introspection_furnish(details);
    return details;
}

/** Callbacks of it do not begin any more; hooks run when their turn comes. */
static void clear(autobus_service *service) AB_LOCKED
{
    ab_functions_fini(service);
    ab_events_fini(service);
    ab_objects_fini(service);
    ab_gates_fini(service);
}

/* Nobody else knows it any more: no lock. */
static void dispose(autobus_service *service) AB_UNCHECKED
{
    ab_text_unref(service->id);
    ab_text_unref(service->info);
    ab_text_unref(service->doc);
    free(service->sentence);
    free(service);
}

void ab_service_free_introspection(autobus_service *service) AB_UNCHECKED
{
    clear(service);
    dispose(service);
}

/** A bus that is ending withdraws them all at once. */
static void withdraw_locked(autobus_service *service) AB_LOCKED
{
    if (service->is_published)
        ab_offers_withdraw(service->offers, service);
}

void ab_service_free(autobus_service *service)
{
    ab_seat *seat = service->offers != NULL ? service->offers->seat : NULL;

    if (seat != NULL && ab_seat_is_foreign(seat))
        return;
    if (seat != NULL) {
        ab_lock_take(seat->lock);
        withdraw_locked(service);
        clear(service);
        ab_lock_drop(seat->lock);
    }
    dispose(service);
    if (seat != NULL)
        ab_seat_unref(seat);
}

/** What is no UTF-8 would be sent as something else, and then not be what others count and compare. */
static bool is_text(const char *id)
{
    size_t length = strlen(id), step;
    const char *end = id + length;

    for (const char *at = id; at < end; at += step) {
        uint32_t code;
        step = ab_utf8_decode(at, end, &code);
        if (step == 0 || code < 0x20 || code == 0x7f)
            return false;
    }
    return length > 0 && length <= ID_MAX;
}

static autobus_result set_id_locked(autobus_service *service, const char *id) AB_LOCKED
{
    if (id == NULL || !is_text(id))
        return remember(service, ab_fail(AUTOBUS_INVALID,
                                         "a service id must be 1 to %d bytes of UTF-8 text "
                                         "without control characters",
                                         ID_MAX));
    if (service->is_published)
        return ab_fail(AUTOBUS_INVALID, "service \"%s\" is published; choose its id before that",
                       service->id->bytes);
    ab_text_unref(service->id);
    service->id = ab_text_new(id, strlen(id));
    return AUTOBUS_OK;
}

autobus_result ab_service_set_id(autobus_service *service, const char *id)
{
    autobus_result result;

    if (!ab_service_enter(service, &result))
        return result;
    result = set_id_locked(service, id);
    ab_service_leave(service);
    return result;
}

const char *ab_service_id(const autobus_service *service)
{
    return service->id->bytes;
}

static autobus_result publish_locked(autobus_service *service) AB_LOCKED
{
    if (service->mistake != AUTOBUS_OK)
        return say_mistake(service);
    return service->is_published ? AUTOBUS_OK : ab_offers_publish(service->offers, service);
}

autobus_result ab_service_publish(autobus_service *service)
{
    autobus_result result;

    if (!ab_service_enter(service, &result))
        return result;
    result = publish_locked(service);
    ab_service_leave(service);
    return result;
}

autobus_result ab_service_withdraw(autobus_service *service)
{
    autobus_result result;

    if (service->offers == NULL)
        return AUTOBUS_OK;
    if (!ab_service_enter(service, &result))
        return result == AUTOBUS_CLOSED ? AUTOBUS_OK : result;
    withdraw_locked(service);
    ab_service_leave(service);
    return AUTOBUS_OK;
}

autobus_result ab_service_set_doc(autobus_service *service, const char *doc)
{
    autobus_result result;

    if (!ab_service_enter(service, &result))
        return result;
    ab_text_unref(service->doc);
    service->doc = doc != NULL ? ab_text_new(doc, strlen(doc)) : NULL;
    ab_introspection_touch(service);
    ab_service_leave(service);
    return AUTOBUS_OK;
}

size_t ab_service_payload_most(const autobus_service *service)
{
    bool has_bus = service != NULL && service->offers != NULL;
    return has_bus ? service->offers->max_message - AB_MIN(service->offers->max_message, ENVELOPE)
                   : 0;
}

bool ab_service_is_published(const autobus_service *service)
{
    autobus_result why;

    if (service->offers == NULL || !ab_service_enter(service, &why))
        return false;
    bool is_published = service->is_published;
    ab_service_leave(service);
    return is_published;
}
