/* SPDX-License-Identifier: MIT
 * The services of the program: handles that it builds, publishes and takes back. */
#ifndef AB_BUS_SERVICE_H
#define AB_BUS_SERVICE_H

#include <autobus/service.h>

#include "bus/bus.h"

/** `info` is taken. `mistake`: what went wrong before, with its sentence just said; AUTOBUS_OK if nothing. */
autobus_service *ab_service_new(autobus_bus *bus, json_object *info, autobus_result mistake);
void ab_service_free(autobus_service *service);
autobus_result ab_service_set_id(autobus_service *service, const char *id);
const char *ab_service_id(const autobus_service *service);
autobus_result ab_service_publish(autobus_service *service);
autobus_result ab_service_withdraw(autobus_service *service);
bool ab_service_is_published(const autobus_service *service);

/** The bus closes: all count as withdrawn. */
void ab_services_close(autobus_bus *bus) AB_LOCKED;

#endif
