/* SPDX-License-Identifier: MIT
 * The C face of remotes: making them, their states, and the channels opened through them. */
#include <autobus/channel.h>
#include <autobus/remote.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "bus/bus.h"
#include "directory/sighting.h"
#include "proxy/opening.h"
#include "proxy/remote.h"
#include "proxy/subscription.h"
#include "service/payload.h"

#define PLACES_MOST 16 /* addresses of one name */

/* A remote of a closed bus, or of none, cannot be made. */
static autobus_result check_bus(autobus_bus *bus, autobus_remote **ret_remote)
{
    autobus_result result;
    if (ret_remote == NULL)
        return ab_fail(AUTOBUS_INVALID, "there must be a place for the remote, not NULL");
    *ret_remote = NULL;
    if (!ab_bus_enter(bus, &result))
        return result;
    ab_bus_leave(bus);
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_connect(autobus_bus *bus, const autobus_sighting *sighting,
                                      int timeout_ms, autobus_remote **ret_remote)
{
    autobus_result result = check_bus(bus, ret_remote);
    if (result != AUTOBUS_OK)
        return result;
    if (sighting == NULL)
        return ab_fail(AUTOBUS_INVALID, "autobus_connect() needs a sighting, not NULL");
    return ab_connection_new(bus->remotes, sighting->id->bytes, sighting->locations,
                             sighting->count, timeout_ms, ret_remote);
}

/* A name that is no numeric address is asked for where names are kept. */
static autobus_result look_up(const char *host, uint16_t port, ab_address places[PLACES_MOST],
                              size_t *count)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    *count = 1;
    if (ab_address_parse(&places[0], host, port))
        return AUTOBUS_OK;
    *count = 0;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (error != 0)
        return ab_fail(AUTOBUS_NOT_FOUND, "the host \"%s\" is not known: %s", host,
                       gai_strerror(error));
    for (const struct addrinfo *at = found; at != NULL && *count < PLACES_MOST; at = at->ai_next) {
        if (!ab_address_from_sockaddr(&places[*count], at->ai_addr))
            continue;
        places[(*count)++].port = port;
    }
    freeaddrinfo(found);
    return *count > 0 ? AUTOBUS_OK
                      : ab_fail(AUTOBUS_NOT_FOUND, "the host \"%s\" has no address", host);
}

AB_API autobus_result autobus_connect_to(autobus_bus *bus, const char *host, uint16_t port,
                                         const char *id, int timeout_ms,
                                         autobus_remote **ret_remote)
{
    ab_address places[PLACES_MOST];
    size_t count;
    autobus_result result = check_bus(bus, ret_remote);
    if (result == AUTOBUS_OK && (host == NULL || port == 0))
        result = ab_fail(AUTOBUS_INVALID,
                         "autobus_connect_to() needs a host and a port from 1 to 65535");
    if (result == AUTOBUS_OK)
        result = look_up(host, port, places, &count);
    if (result != AUTOBUS_OK)
        return result;
    return ab_connection_new(bus->remotes, id != NULL ? id : "", places, count, timeout_ms,
                             ret_remote);
}

static autobus_result make_proxy(autobus_bus *bus, autobus_filter *filter, bool is_multi,
                                 autobus_remote **ret_remote)
{
    autobus_result result = check_bus(bus, ret_remote);
    if (result == AUTOBUS_OK)
        return ab_proxy_new(bus->remotes, filter, is_multi, ret_remote);
    autobus_filter_free(&filter);
    return result;
}

AB_API autobus_result autobus_proxy_new(autobus_bus *bus, autobus_filter *filter,
                                        autobus_remote **ret_remote)
{
    return make_proxy(bus, filter, false, ret_remote);
}

AB_API autobus_result autobus_multi_new(autobus_bus *bus, autobus_filter *filter,
                                        autobus_remote **ret_remote)
{
    return make_proxy(bus, filter, true, ret_remote);
}

AB_API void autobus_remote_close(autobus_remote *remote)
{
    if (remote != NULL)
        ab_remote_close(remote);
}

AB_API void autobus_remote_free(autobus_remote **remote)
{
    if (remote == NULL || *remote == NULL)
        return;
    autobus_remote *gone = *remote;
    *remote = NULL;
    ab_remote_free(gone);
}

AB_API autobus_result autobus_remote_wait(autobus_remote *remote, int timeout_ms)
{
    return remote != NULL ? ab_remote_wait(remote, timeout_ms) : ab_remote_missing();
}

AB_API size_t autobus_remote_bound(autobus_remote *remote)
{
    return remote != NULL ? ab_remote_bound(remote) : 0;
}

AB_API autobus_result autobus_remote_set_unbound(autobus_remote *remote, autobus_unbound policy)
{
    return remote != NULL ? ab_remote_set_unbound(remote, policy) : ab_remote_missing();
}

AB_API void autobus_subscription_free(autobus_subscription **subscription)
{
    if (subscription == NULL || *subscription == NULL)
        return;
    autobus_subscription *gone = *subscription;
    *subscription = NULL;
    ab_subscription_free(gone);
}

static autobus_result refuse(autobus_result result, const ab_ear *ear)
{
    if (ear->free_userdata != NULL)
        ear->free_userdata(ear->userdata);
    return result;
}

AB_API autobus_result autobus_remote_on_state(autobus_remote *remote, bool initial,
                                              autobus_message_fn *heard, void *userdata,
                                              autobus_free_fn *free_userdata,
                                              autobus_subscription **ret_subscription)
{
    const ab_ear ear = {heard, userdata, free_userdata, 0};
    return remote != NULL ? ab_subscribe(remote, AB_TO_STATE, NULL, initial, &ear, ret_subscription)
                          : refuse(ab_remote_missing(), &ear);
}

AB_API autobus_result autobus_channel_open(autobus_remote *remote, const char *name, bool is_stream,
                                           json_object *argument, autobus_message_fn *heard,
                                           void *userdata, autobus_free_fn *free_userdata,
                                           autobus_channel **ret_channel)
{
    const ab_ear ear = {heard, userdata, free_userdata, 0};
    ab_payload payload;
    if (ret_channel != NULL)
        *ret_channel = NULL;
    autobus_result result = ab_payload_of_tree(argument, "an argument", AB_PAYLOAD_MOST, &payload);
    if (result == AUTOBUS_OK && remote == NULL)
        result = ab_remote_missing();
    result = result == AUTOBUS_OK
                 ? ab_remote_open(remote, name, is_stream, payload.text, &ear, ret_channel)
                 : refuse(result, &ear);
    ab_payload_fini(&payload);
    return result;
}
