/* SPDX-License-Identifier: MIT
 * The C face of the services a program offers. */
#include <autobus/channel.h>
#include <autobus/service.h>

#include "base/error.h"
#include "bus/bus.h"
#include "service/event.h"
#include "service/gate.h"
#include "service/object.h"
#include "service/payload.h"
#include "service/service.h"
#include "value/json.h"

static ab_offers *offers_of(autobus_bus *bus)
{
    return bus != NULL ? bus->offers : NULL;
}

AB_API autobus_service *autobus_service_new(autobus_bus *bus, json_object *info)
{
    return ab_service_new(offers_of(bus), info, AUTOBUS_OK);
}

AB_API autobus_service *autobus_service_parse(autobus_bus *bus, const char *info)
{
    json_object *tree = NULL;

    if (info == NULL)
        return ab_service_new(offers_of(bus), NULL, AUTOBUS_OK);
    bool is_read = ab_json_parse(ab_slice_of(info), true, &tree);
    return ab_service_new(offers_of(bus), tree, is_read ? AUTOBUS_OK : AUTOBUS_INVALID);
}

AB_API void autobus_service_free(autobus_service **service)
{
    if (service == NULL || *service == NULL)
        return;
    autobus_service *gone = *service;
    *service = NULL;
    ab_service_free(gone);
}

static autobus_result no_service(void)
{
    return ab_fail(AUTOBUS_INVALID, "the service is NULL; make one with autobus_service_new()");
}

AB_API autobus_result autobus_service_set_id(autobus_service *service, const char *id)
{
    return service != NULL ? ab_service_set_id(service, id) : no_service();
}

AB_API const char *autobus_service_id(const autobus_service *service)
{
    return service != NULL ? ab_service_id(service) : "";
}

AB_API autobus_result autobus_service_publish(autobus_service *service)
{
    return service != NULL ? ab_service_publish(service) : no_service();
}

AB_API autobus_result autobus_service_withdraw(autobus_service *service)
{
    return service != NULL ? ab_service_withdraw(service) : no_service();
}

AB_API bool autobus_service_is_published(const autobus_service *service)
{
    return service != NULL && ab_service_is_published(service);
}

AB_API autobus_result autobus_service_set_doc(autobus_service *service, const char *doc)
{
    return service != NULL ? ab_service_set_doc(service, doc) : no_service();
}

AB_API autobus_result autobus_service_add_event(autobus_service *service, const char *name,
                                                const char *description)
{
    return service != NULL ? ab_service_add_event(service, name, description) : no_service();
}

AB_API autobus_result autobus_service_remove_event(autobus_service *service, const char *name)
{
    return service != NULL ? ab_service_remove_event(service, name) : no_service();
}

static autobus_result fire(autobus_service *service, const char *name, autobus_result result,
                           ab_payload *arguments)
{
    if (result == AUTOBUS_OK && !ab_payload_is_list(arguments))
        result = ab_fail(AUTOBUS_INVALID,
                         "the arguments of an event are a list such as [1, 2], not %.*s%s",
                         (int)AB_MIN(arguments->text.length, (size_t)60), arguments->text.bytes,
                         arguments->text.length > 60 ? "..." : "");
    if (result == AUTOBUS_OK)
        result = ab_service_fire(service, name, arguments->text);
    ab_payload_fini(arguments);
    return result;
}

AB_API autobus_result autobus_service_fire(autobus_service *service, const char *name,
                                           json_object *arguments)
{
    ab_payload payload;

    if (arguments == NULL)
        return service != NULL ? ab_service_fire(service, name, AB_SLICE("[]")) : no_service();
    if (service == NULL) {
        json_object_put(arguments);
        return no_service();
    }
    autobus_result result =
        ab_payload_of_tree(arguments, "an event", ab_service_payload_most(service), &payload);
    return fire(service, name, result, &payload);
}

AB_API autobus_result autobus_service_fire_text(autobus_service *service, const char *name,
                                                const char *arguments)
{
    ab_payload payload;

    if (service == NULL)
        return no_service();
    if (arguments == NULL)
        return ab_service_fire(service, name, AB_SLICE("[]"));
    autobus_result result =
        ab_payload_of_text(arguments, "an event", ab_service_payload_most(service), &payload);
    return fire(service, name, result, &payload);
}

/* The text to keep; NULL if it was not made. */
static ab_text *keep(autobus_result result, ab_payload *value)
{
    ab_text *kept = result == AUTOBUS_OK ? ab_payload_keep(value) : NULL;
    ab_payload_fini(value);
    return kept;
}

/* Values are taken, also by a service that is not there. */
static autobus_result value_of(const autobus_service *service, json_object *value, ab_text **ret)
{
    ab_payload payload;

    *ret = NULL;
    if (service == NULL) {
        json_object_put(value);
        return no_service();
    }
    autobus_result result =
        ab_payload_of_tree(value, "a value", ab_service_payload_most(service), &payload);
    *ret = keep(result, &payload);
    return result;
}

AB_API autobus_result autobus_service_add_object(autobus_service *service, const char *name,
                                                 const char *description, json_object *value)
{
    ab_text *payload;
    autobus_result result = value_of(service, value, &payload);
    return result == AUTOBUS_OK ? ab_service_add_object(service, name, description, payload)
                                : result;
}

AB_API autobus_result autobus_service_remove_object(autobus_service *service, const char *name)
{
    return service != NULL ? ab_service_remove_object(service, name) : no_service();
}

AB_API autobus_result autobus_service_set(autobus_service *service, const char *name,
                                          json_object *value)
{
    ab_text *payload;
    autobus_result result = value_of(service, value, &payload);
    return result == AUTOBUS_OK ? ab_service_set(service, name, payload) : result;
}

AB_API autobus_result autobus_service_set_text(autobus_service *service, const char *name,
                                               const char *value)
{
    ab_payload payload;

    if (service == NULL)
        return no_service();
    if (value == NULL)
        return ab_fail(AUTOBUS_INVALID, "the value is a NULL text; \"null\" would be JSON null");
    autobus_result result =
        ab_payload_of_text(value, "a value", ab_service_payload_most(service), &payload);
    ab_text *kept = keep(result, &payload);
    return result == AUTOBUS_OK ? ab_service_set(service, name, kept) : result;
}

AB_API autobus_result autobus_service_add_channel(autobus_service *service, const char *name,
                                                  const char *description, bool is_stream,
                                                  autobus_accept_fn *accept, void *userdata,
                                                  autobus_free_fn *free_userdata)
{
    if (service != NULL && accept != NULL)
        return ab_service_add_channel(service, name, description, is_stream, accept, userdata,
                                      free_userdata);
    if (free_userdata != NULL)
        free_userdata(userdata);
    return service == NULL ? no_service()
                           : ab_fail(AUTOBUS_INVALID, "a channel needs a callback that accepts it, "
                                                      "not NULL");
}

AB_API autobus_result autobus_service_remove_channel(autobus_service *service, const char *name)
{
    return service != NULL ? ab_service_remove_channel(service, name) : no_service();
}
