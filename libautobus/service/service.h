/* SPDX-License-Identifier: MIT
 * The services of the program: handles that it builds, publishes and takes back. What a service offers hangs on its
 * handle; who is bound to it too. Outlives the bus as a handle that finds out that its bus is closed. */
#ifndef AB_SERVICE_SERVICE_H
#define AB_SERVICE_SERVICE_H

#include <autobus/service.h>

#include "base/list.h"
#include "base/map.h"
#include "base/text.h"
#include "service/offers.h"

struct autobus_service {
    ab_list place;     /**< in the offers' services while published */
    ab_offers *offers; /**< NULL only if it was made with none: the mistake says so */
    ab_text *id, *info;
    ab_text *doc AB_UNDER_LOCK; /**< NULL: none */
    autobus_result mistake;     /**< the first one while it was built */
    char *sentence;
    bool is_published AB_UNDER_LOCK;
    ab_map functions AB_UNDER_LOCK; /**< of ab_function */
    ab_map events AB_UNDER_LOCK;    /**< of ab_event */
    ab_map objects AB_UNDER_LOCK;   /**< of ab_object */
    ab_map gates AB_UNDER_LOCK;     /**< of ab_gate */
    ab_list clients AB_UNDER_LOCK;  /**< of ab_client.place */
};

/** `info` is taken. `offers` NULL: without a bus. `mistake`: what went wrong before, with its sentence just said;
 *  AUTOBUS_OK if nothing. */
autobus_service *ab_service_new(ab_offers *offers, json_object *info, autobus_result mistake);
void ab_service_free(autobus_service *service);
/** The library's own: belongs to the offers, without a reference to their seat. */
autobus_service *ab_service_make_introspection(ab_offers *offers);
void ab_service_free_introspection(autobus_service *service);
autobus_result ab_service_set_id(autobus_service *service, const char *id);
const char *ab_service_id(const autobus_service *service);
autobus_result ab_service_publish(autobus_service *service);
autobus_result ab_service_withdraw(autobus_service *service);
autobus_result ab_service_set_doc(autobus_service *service, const char *doc);
/** Bytes of an event's arguments or an object's value. */
size_t ab_service_payload_most(const autobus_service *service);
bool ab_service_is_published(const autobus_service *service);

/** Takes the lock for something that the program wants of a service. False with a sentence and *why: the bus is
 *  closed, a fork's child, or there never was a bus. */
bool ab_service_enter(const autobus_service *service, autobus_result *why)
    AB_TRY_ACQUIRE(true, ab_the_lock);
void ab_service_leave(const autobus_service *service) AB_RELEASE(ab_the_lock);

#endif
