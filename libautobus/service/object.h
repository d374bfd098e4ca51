/* SPDX-License-Identifier: MIT
 * The objects of a service, their values, and who watches. A name may be watched before there is an object of it. */
#ifndef AB_SERVICE_OBJECT_H
#define AB_SERVICE_OBJECT_H

#include "service/client.h"
#include "service/description.h"
#include "service/name.h"

typedef struct ab_object {
    ab_text *name;
    ab_description *description; /**< NULL: only watched */
    ab_text *value;              /**< one line of JSON; NULL: gone */
    /** NULL; else the value is made when it is asked for, and `value` is not used. Borrowed from the maker. */
    const ab_text *(*make)(autobus_service *service);
    autobus_service *service;
    ab_list watches; /**< of watch.place */
} ab_object;

/** `value` (taken) is one line of JSON. */
autobus_result ab_service_add_object(autobus_service *service, const char *name,
                                     const char *description, ab_text *value);
autobus_result ab_service_remove_object(autobus_service *service, const char *name);
autobus_result ab_service_set(autobus_service *service, const char *name, ab_text *value);
/** For the introspection service: an object whose value is made on demand. */
ab_object *ab_object_make(autobus_service *service, const char *name,
                          const ab_text *(*make)(autobus_service *service)) AB_LOCKED;
/** Everybody who watches is to hear the value of now. */
void ab_object_touch(ab_object *object) AB_LOCKED;
/** Nobody watches any more. */
void ab_objects_fini(autobus_service *service) AB_LOCKED;

/** The commands watch and unwatch. */
void ab_object_watch(ab_client *client, const ab_ask *ask) AB_LOCKED;
void ab_object_unwatch(ab_client *client, const ab_ask *ask) AB_LOCKED;
/** The client goes: no slot of it is left in its session. */
void ab_watches_fini(ab_client *client) AB_LOCKED;

#endif
