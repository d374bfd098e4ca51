/* SPDX-License-Identifier: MIT
 * Handing offered channels to the program, through the delivery queue. */
#include "service/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "peer/channel.h"
#include "service/introspection.h"
#include "service/name.h"

/* A channel that waits for the program to look at it. */
typedef struct knock {
    ab_delivery delivery;
    autobus_channel *offered;
} knock;

static void free_gate(ab_target *target)
{
    ab_gate *gate = AB_CONTAINER(target, ab_gate, target);
    ab_seat *seat = gate->seat;

    if (gate->free_userdata != NULL)
        gate->free_userdata(gate->userdata);
    ab_description_free(gate->description);
    ab_text_unref(gate->name);
    free(gate);
    ab_seat_unref(seat);
}

static autobus_result add(autobus_service *service, const char *name, ab_gate **ret) AB_LOCKED
{
    if (ab_map_get(&service->gates, name, strlen(name)) != NULL)
        return ab_fail(AUTOBUS_IN_USE, "the service has a channel \"%s\" already", name);
    ab_gate *gate = ab_alloc(1, sizeof *gate);
    ab_target_init(&gate->target, free_gate);
    gate->seat = ab_seat_ref(service->offers->seat);
    gate->name = ab_text_new(name, strlen(name));
    ab_map_put(&service->gates, gate->name->bytes, gate->name->length, gate);
    *ret = gate;
    return AUTOBUS_OK;
}

autobus_result ab_service_add_channel(autobus_service *service, const char *name,
                                      const char *description, bool is_stream,
                                      autobus_accept_fn *accept, void *userdata,
                                      autobus_free_fn *free_userdata)
{
    ab_gate *gate = NULL;
    ab_description *read = NULL;
    autobus_result result = ab_name_check("channel", name);

    if (result == AUTOBUS_OK &&
        (read = ab_description_parse(is_stream ? AB_OF_STREAM : AB_OF_CHANNEL, name,
                                     description)) == NULL)
        result = AUTOBUS_INVALID;
    if (result == AUTOBUS_OK && ab_service_enter(service, &result)) {
        result = add(service, name, &gate);
        if (gate != NULL) {
            gate->description = read;
            gate->is_stream = is_stream;
            gate->accept = accept;
            gate->userdata = userdata;
            gate->free_userdata = free_userdata;
            ab_introspection_touch(service);
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

static void retire(ab_gate *gate) AB_LOCKED
{
    ab_target_retire(gate->seat->deliveries, &gate->target, true);
}

autobus_result ab_service_remove_channel(autobus_service *service, const char *name)
{
    autobus_result result = ab_name_check("channel", name);

    if (result != AUTOBUS_OK || !ab_service_enter(service, &result))
        return result;
    ab_gate *gone = ab_map_take(&service->gates, name, strlen(name));
    if (gone != NULL) {
        retire(gone);
        ab_introspection_touch(service);
    } else {
        result = ab_fail(AUTOBUS_NOT_FOUND, "the service has no channel \"%s\"", name);
    }
    ab_service_leave(service);
    return result;
}

void ab_gates_fini(autobus_service *service)
{
    size_t cursor = 0;

    for (ab_gate *each; (each = ab_map_next(&service->gates, &cursor)) != NULL; cursor = 0) {
        ab_map_take(&service->gates, each->name->bytes, each->name->length);
        retire(each);
    }
    ab_map_fini(&service->gates);
}

static void run_knock(ab_delivery *delivery)
{
    knock *at = AB_CONTAINER(delivery, knock, delivery);
    ab_gate *gate = AB_CONTAINER(delivery->target, ab_gate, target);

    gate->accept(gate->userdata, at->offered);
    ab_lock_take(gate->seat->lock);
    ab_channel_settle(at->offered, "The channel was not accepted.");
    ab_lock_drop(gate->seat->lock);
    free(at);
}

static void drop_knock(ab_delivery *delivery) AB_LOCKED
{
    knock *at = AB_CONTAINER(delivery, knock, delivery);

    ab_channel_settle(at->offered, "The channel is not offered any more.");
    free(at);
}

bool ab_gate_offer(ab_client *client, autobus_channel *offered, ab_slice name, bool is_stream)
{
    ab_gate *gate = ab_map_get(&client->service->gates, name.bytes, name.length);

    if (gate == NULL || gate->is_stream != is_stream)
        return false;
    ab_channel_tag(offered, client->service->id);
    knock *at = ab_alloc(1, sizeof *at);
    at->offered = offered;
    at->delivery.run = run_knock;
    at->delivery.drop = drop_knock;
    /* A delivery holds its target, and so the name that the log may say. */
    at->delivery.name = gate->name->bytes;
    ab_deliveries_push(gate->seat->deliveries, &gate->target, &at->delivery);
    return true;
}
