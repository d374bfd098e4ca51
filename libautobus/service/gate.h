/* SPDX-License-Identifier: MIT
 * The channels and streams that a service offers: a gate is where they are opened. Knows nothing of an open one. */
#ifndef AB_SERVICE_GATE_H
#define AB_SERVICE_GATE_H

#include <autobus/channel.h>

#include "service/client.h"
#include "service/description.h"

typedef struct ab_gate {
    ab_target target; /**< for who knocks, and for the hook: its last touch frees it */
    ab_seat *seat;
    ab_text *name;
    ab_description *description;
    bool is_stream;
    autobus_accept_fn *accept;
    void *userdata;
    autobus_free_fn *free_userdata;
} ab_gate;

autobus_result ab_service_add_channel(autobus_service *service, const char *name,
                                      const char *description, bool is_stream,
                                      autobus_accept_fn *accept, void *userdata,
                                      autobus_free_fn *free_userdata);
autobus_result ab_service_remove_channel(autobus_service *service, const char *name);
/** All of them, when the service is freed. */
void ab_gates_fini(autobus_service *service) AB_LOCKED;

/** A client opens one. False: there is none of this name and kind. */
bool ab_gate_offer(ab_client *client, autobus_channel *offered, ab_slice name, bool is_stream)
    AB_LOCKED;

#endif
