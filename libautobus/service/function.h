/* SPDX-License-Identifier: MIT
 * The functions of a service: their table, what calls of them are held to, and where they run. */
#ifndef AB_SERVICE_FUNCTION_H
#define AB_SERVICE_FUNCTION_H

#include <autobus/function.h>

#include "service/client.h"
#include "service/description.h"
#include "service/name.h"
#include "service/pool.h"

typedef struct ab_function {
    ab_target target; /**< for inline calls, and for the hook: its last touch frees it */
    ab_seat *seat;
    ab_text *name;
    ab_description *description;
    autobus_policy policy;
    autobus_function_fn *handler;
    void *userdata;
    autobus_free_fn *free_userdata;
    unsigned at_work AB_UNDER_LOCK; /**< requests of it that the pool has */
    bool is_removed AB_UNDER_LOCK;
} ab_function;

/** Everything is right already: `description` is taken. AUTOBUS_IN_USE with a sentence; then the caller runs the
 *  hook. */
autobus_result ab_service_add_function(autobus_service *service, const char *name,
                                       const char *description, autobus_policy policy,
                                       autobus_function_fn *handler, void *userdata,
                                       autobus_free_fn *free_userdata);
autobus_result ab_service_remove_function(autobus_service *service, const char *name);
/** All of them, when the service is freed. */
void ab_functions_fini(autobus_service *service) AB_LOCKED;

/** A call came. */
void ab_function_call(ab_client *client, const ab_ask *ask) AB_LOCKED;
/** The pool is done with one request of it. */
void ab_function_leave(ab_function *function) AB_LOCKED;

#endif
