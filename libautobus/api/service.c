/* SPDX-License-Identifier: MIT
 * The C face of the services a program offers. */
#include <autobus/service.h>

#include "base/error.h"
#include "bus/bus.h"
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
