/* SPDX-License-Identifier: MIT
 * A service that this program offers. */
#ifndef AUTOBUS_SERVICE_H
#define AUTOBUS_SERVICE_H

#include <stdbool.h>

#include <json-c/json_types.h>

#include <autobus/bus.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct autobus_service autobus_service;

/** A service on this bus, not yet published. `info` (taken) is a JSON object; "hostname" is set by the
 *  library. NULL only without memory: mistakes are remembered and said by autobus_service_publish(). */
autobus_service *autobus_service_new(autobus_bus *bus, json_object *info);
/** The same from JSON text; single quotes are fine: "{'type': 'lamp'}". */
autobus_service *autobus_service_parse(autobus_bus *bus, const char *info);
/** Withdraws it if it is published, then frees and clears *service. Never blocks. */
void autobus_service_free(autobus_service **service);

/** Chooses the id (before publishing), 1 to 1024 bytes of UTF-8; else it gets one of its own. */
autobus_result autobus_service_set_id(autobus_service *service, const char *id);
/** The id; valid until the service is freed or gets another. */
const char *autobus_service_id(const autobus_service *service);

/** Makes it known. From here on its info does not change. Publishing a published one is fine. */
autobus_result autobus_service_publish(autobus_service *service);
/** Takes it back and says goodbye. It may be published again. */
autobus_result autobus_service_withdraw(autobus_service *service);
bool autobus_service_is_published(const autobus_service *service);

#ifdef __cplusplus
}
#endif
#endif
