/* SPDX-License-Identifier: MIT
 * A service that this program offers, with its events and objects; functions are in function.h, channels in
 * channel.h. */
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

/** One sentence about the service as a whole, for who asks what there is; NULL takes it back. */
autobus_result autobus_service_set_doc(autobus_service *service, const char *doc);

/* Events and objects: added and removed at any time, published or not; each kind has its own names, of 1 to 255
 * bytes of UTF-8. `description` is NULL or JSON text such as
 *   {'doc': 'The door bell.', 'parameters': [{'name': 'door', 'type': 'string'}]}   of an event
 *   {'doc': 'Brightness.', 'type': 'integer', 'range': [0, 100], 'unit': '%'}       of an object
 * Single quotes are fine. AUTOBUS_IN_USE: there is one of this name. */

autobus_result autobus_service_add_event(autobus_service *service, const char *name,
                                         const char *description);
autobus_result autobus_service_remove_event(autobus_service *service, const char *name);
/** Tells every listener. `arguments` (taken) is a list; NULL: none. */
autobus_result autobus_service_fire(autobus_service *service, const char *name,
                                    json_object *arguments);
/** The same with the JSON text of a list, or NULL. */
autobus_result autobus_service_fire_text(autobus_service *service, const char *name,
                                         const char *arguments);

/** An object with its first value (taken; NULL is null). */
autobus_result autobus_service_add_object(autobus_service *service, const char *name,
                                          const char *description, json_object *value);
/** Its watchers hear that it is gone. */
autobus_result autobus_service_remove_object(autobus_service *service, const char *name);
/** Gives it a new value (taken). Every watcher hears of it; of several changes in a row a slow one hears at
 *  least the last. Who hears an event or an answer said after this sees this value or a newer one. */
autobus_result autobus_service_set(autobus_service *service, const char *name, json_object *value);
autobus_result autobus_service_set_text(autobus_service *service, const char *name,
                                        const char *value);

#ifdef __cplusplus
}
#endif
#endif
