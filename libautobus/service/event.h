/* SPDX-License-Identifier: MIT
 * The events of a service, and who listens. A name may be listened for before there is an event of it. */
#ifndef AB_SERVICE_EVENT_H
#define AB_SERVICE_EVENT_H

#include "service/client.h"
#include "service/description.h"
#include "service/name.h"

typedef struct ab_event {
    ab_text *name;
    ab_description *description; /**< NULL: only listened for */
    ab_list listens;             /**< of ab_listen.place */
} ab_event;

autobus_result ab_service_add_event(autobus_service *service, const char *name,
                                    const char *description);
autobus_result ab_service_remove_event(autobus_service *service, const char *name);
/** `arguments` (taken; NULL: none) is one line of JSON: a list. */
autobus_result ab_service_fire(autobus_service *service, const char *name, ab_slice arguments);
/** Nobody listens any more. */
void ab_events_fini(autobus_service *service) AB_LOCKED;

/** The commands listen and unlisten. */
void ab_event_listen(ab_client *client, const ab_ask *ask) AB_LOCKED;
void ab_event_unlisten(ab_client *client, const ab_ask *ask) AB_LOCKED;
/** The client goes. */
void ab_listens_fini(ab_client *client) AB_LOCKED;

#endif
