/* SPDX-License-Identifier: MIT
 * Adding and removing functions, and sending each call to where it runs. Knows no answer. */
#include "service/function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/arguments.h"
#include "service/introspection.h"
#include "service/request.h"

static void free_function(ab_target *target)
{
    ab_function *function = AB_CONTAINER(target, ab_function, target);
    ab_seat *seat = function->seat;

    if (function->free_userdata != NULL)
        function->free_userdata(function->userdata);
    ab_description_free(function->description);
    ab_text_unref(function->name);
    free(function);
    ab_seat_unref(seat);
}

static ab_function *function_new(ab_seat *seat, const char *name, ab_description *description)
{
    ab_function *function = ab_alloc(1, sizeof *function);

    ab_target_init(&function->target, free_function);
    function->seat = ab_seat_ref(seat);
    function->name = ab_text_new(name, strlen(name));
    function->description = description;
    return function;
}

static autobus_result add(autobus_service *service, const char *name, ab_description *description,
                          ab_function **ret) AB_LOCKED
{
    if (ab_map_get(&service->functions, name, strlen(name)) != NULL)
        return ab_fail(AUTOBUS_IN_USE, "the service has a function \"%s\" already", name);
    ab_function *fresh = function_new(service->offers->seat, name, description);
    ab_map_put(&service->functions, fresh->name->bytes, fresh->name->length, fresh);
    ab_introspection_touch(service);
    *ret = fresh;
    return AUTOBUS_OK;
}

autobus_result ab_service_add_function(autobus_service *service, const char *name,
                                       const char *description, autobus_policy policy,
                                       autobus_function_fn *handler, void *userdata,
                                       autobus_free_fn *free_userdata)
{
    ab_function *fresh = NULL;
    ab_description *read = NULL;
    autobus_result result = ab_name_check("function", name);

    if (result == AUTOBUS_OK &&
        (read = ab_description_parse(AB_OF_FUNCTION, name, description)) == NULL)
        result = AUTOBUS_INVALID;
    if (result == AUTOBUS_OK && ab_service_enter(service, &result)) {
        result = add(service, name, read, &fresh);
        if (fresh != NULL) {
            fresh->policy = policy;
            fresh->handler = handler;
            fresh->target.code = (void (*)(void))handler;
            fresh->userdata = userdata;
            fresh->free_userdata = free_userdata;
        }
        ab_service_leave(service);
    }
    if (result == AUTOBUS_OK)
        return result;
    ab_description_free(read);
    if (free_userdata != NULL)
        free_userdata(userdata);
    return result;
}

/* Its hook comes when the pool is done with it too. */
static void retire_if_idle(ab_function *function) AB_LOCKED
{
    if (function->is_removed && function->at_work == 0)
        ab_target_retire(function->seat->deliveries, &function->target, true);
}

static void remove_one(ab_offers *offers, ab_function *function) AB_LOCKED
{
    /* Held while the pool gives up what waits for it. */
    function->at_work++;
    function->is_removed = true;
    ab_pool_drop(offers->pool, function);
    ab_function_leave(function);
}

void ab_function_leave(ab_function *function)
{
    function->at_work--;
    retire_if_idle(function);
}

autobus_result ab_service_remove_function(autobus_service *service, const char *name)
{
    autobus_result result = ab_name_check("function", name);

    if (result != AUTOBUS_OK || !ab_service_enter(service, &result))
        return result;
    ab_function *gone = ab_map_take(&service->functions, name, strlen(name));
    if (gone != NULL) {
        remove_one(service->offers, gone);
        ab_introspection_touch(service);
    } else {
        result = ab_fail(AUTOBUS_NOT_FOUND, "the service has no function \"%s\"", name);
    }
    ab_service_leave(service);
    return result;
}

void ab_functions_fini(autobus_service *service)
{
    size_t cursor = 0;

    for (ab_function *each; (each = ab_map_next(&service->functions, &cursor)) != NULL;
         cursor = 0) {
        ab_map_take(&service->functions, each->name->bytes, each->name->length);
        remove_one(service->offers, each);
    }
    ab_map_fini(&service->functions);
}

/* Where it runs. */
static void send_off(ab_client *client, ab_function *function, ab_value id, ab_slice arguments)
    AB_LOCKED
{
    autobus_request *request = ab_request_new(client, function, id, arguments);

    if (function->policy == AUTOBUS_INLINE) {
        ab_deliveries_push(function->seat->deliveries, &function->target,
                           ab_request_delivery(request));
    } else if (ab_pool_put(client->service->offers->pool, ab_request_job(request))) {
        function->at_work++;
    } else {
        ab_request_refuse(request, AUTOBUS_BUSY, autobus_last_error());
    }
}

static void refuse_name(ab_client *client, const ab_ask *ask) AB_LOCKED
{
    char sentence[AB_NAME_MOST + 80];
    const char *name = ask->name.bytes;

    snprintf(sentence, sizeof sentence, "No such function: %s%s", name,
             name[0] == '_' ? " begins with an underscore." : " does not exist.");
    ab_client_refuse(client, ask, AUTOBUS_NOT_FOUND, sentence);
}

/* There is room for one more, and such a function. */
static void call(ab_client *client, ab_function *function, const ab_ask *ask) AB_LOCKED
{
    AB_SCOPED(ab_buffer_fini) ab_buffer room;
    ab_slice fitting;

    ab_buffer_init(&room);
    if (ab_arguments_fit(function->description, ask->name.bytes, ask->arguments, &room, &fitting) ==
        AUTOBUS_OK)
        send_off(client, function, ask->id, fitting);
    else
        ab_client_refuse(client, ask, AUTOBUS_INVALID, autobus_last_error());
}

void ab_function_call(ab_client *client, const ab_ask *ask)
{
    const ab_name *name = &ask->name;

    if (!ask->has_name) {
        ab_client_refuse(client, ask, AUTOBUS_INVALID,
                         "A call needs \"name\": the name of a function.");
        return;
    }
    if (ask->arguments.kind != AB_KIND_LIST) {
        ab_client_refuse(client, ask, AUTOBUS_INVALID,
                         "A call needs \"args\": a list of the arguments.");
        return;
    }
    if (ab_introspection_calls(client, ask))
        return;
    ab_function *function = ab_map_get(&client->service->functions, name->bytes, name->length);
    if (function == NULL)
        refuse_name(client, ask);
    else if (client->under_way >= ab_session_limits(client->session)->max_calls)
        ab_client_refuse(client, ask, AUTOBUS_BUSY,
                         "Too many calls of this connection are under way.");
    else
        call(client, function, ask);
}
