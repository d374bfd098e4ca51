/* SPDX-License-Identifier: MIT
 * The raw face of services that are used: connecting, proxies, listening, watching, calling. */
#include <assert.h>

#include "api/call.h"
#include "api/raw_ear.h"
#include "api/raw_handles.h"
#include "base/error.h"
#include "value/json.h"

static autobus_result needs_place(const char *function)
{
    return ab_fail(AUTOBUS_INVALID, "%s() needs a place for what it returns, not NULL", function);
}

/** To the best of the places where `id` was discovered. */
static autobus_result connect_to_known(autobus_bus *bus, const char *id, int timeout_ms,
                                       autobus_remote **ret)
{
    AB_SCOPED(autobus_sighting_free) autobus_sighting *sighting = NULL;
    autobus_result result = autobus_bus_find(bus, id, &sighting);
    return result == AUTOBUS_OK ? autobus_connect(bus, sighting, timeout_ms, ret) : result;
}

AB_API autobus_result autobus_raw_connect(autobus_handle bus, const char *host, int port,
                                          const char *id, int timeout_ms,
                                          autobus_handle *ret_remote)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    if (ret_remote == NULL)
        return needs_place("autobus_raw_connect");
    *ret_remote = 0;
    if (at == NULL)
        return AUTOBUS_INVALID;
    if (host != NULL && (port < 1 || port > UINT16_MAX))
        return ab_fail(AUTOBUS_INVALID, "a port is a number from 1 to 65535, not %d", port);
    ab_handle *handle = ab_handle_make(AB_HANDLE_REMOTE, ret_remote);
    autobus_result result =
        host != NULL
            ? autobus_connect_to(at->bus, host, (uint16_t)port, id, timeout_ms, &handle->remote)
            : connect_to_known(at->bus, id, timeout_ms, &handle->remote);
    return ab_handle_made(handle, result, ret_remote);
}

AB_API autobus_result autobus_raw_proxy_new(autobus_handle bus, const char *filter, int is_multi,
                                            autobus_handle *ret_remote)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    if (ret_remote == NULL)
        return needs_place("autobus_raw_proxy_new");
    *ret_remote = 0;
    if (at == NULL)
        return AUTOBUS_INVALID;
    autobus_filter *parsed = filter != NULL ? autobus_filter_parse(filter) : NULL;
    ab_handle *handle = ab_handle_make(AB_HANDLE_REMOTE, ret_remote);
    autobus_result result = is_multi ? autobus_multi_new(at->bus, parsed, &handle->remote)
                                     : autobus_proxy_new(at->bus, parsed, &handle->remote);
    return ab_handle_made(handle, result, ret_remote);
}

AB_API autobus_result autobus_raw_remote_close(autobus_handle remote)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    if (at == NULL)
        return AUTOBUS_INVALID;
    autobus_remote_close(at->remote);
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_raw_remote_wait(autobus_handle remote, int timeout_ms)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    return at != NULL ? autobus_remote_wait(at->remote, timeout_ms) : AUTOBUS_INVALID;
}

AB_API int autobus_raw_remote_bound(autobus_handle remote)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    return at != NULL ? (int)autobus_remote_bound(at->remote) : -1;
}

AB_API autobus_result autobus_raw_remote_set_unbound(autobus_handle remote, int policy)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    return at != NULL ? autobus_remote_set_unbound(at->remote, (autobus_unbound)policy)
                      : AUTOBUS_INVALID;
}

/** What listening, watching and hearing of states have in common. */
typedef autobus_result subscribe_fn(autobus_remote *remote, const char *name, ab_raw_ear *ear,
                                    autobus_message_fn *heard, autobus_subscription **ret);

static autobus_result subscribe(autobus_handle remote, const char *name, ab_raw_ear *ear,
                                subscribe_fn *begin, autobus_handle *ret)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    autobus_message_fn *heard = ear->heard != NULL ? ab_raw_ear_hear : NULL;
    if (ret != NULL)
        *ret = 0;
    if (at == NULL) {
        ab_raw_ear_free(ear);
        return AUTOBUS_INVALID;
    }
    if (ret == NULL)
        return begin(at->remote, name, ear, heard, NULL);
    ab_handle *handle = ab_handle_make(AB_HANDLE_SUBSCRIPTION, ret);
    autobus_result result = begin(at->remote, name, ear, heard, &handle->subscription);
    return ab_handle_made(handle, result, ret);
}

static autobus_result begin_states(autobus_remote *remote, const char *nothing, ab_raw_ear *ear,
                                   autobus_message_fn *heard, autobus_subscription **ret)
{
    (void)nothing;
    return autobus_remote_on_state(remote, false, heard, ear, ab_raw_ear_free, ret);
}

static autobus_result begin_states_with_now(autobus_remote *remote, const char *nothing,
                                            ab_raw_ear *ear, autobus_message_fn *heard,
                                            autobus_subscription **ret)
{
    (void)nothing;
    return autobus_remote_on_state(remote, true, heard, ear, ab_raw_ear_free, ret);
}

static autobus_result begin_listening(autobus_remote *remote, const char *event, ab_raw_ear *ear,
                                      autobus_message_fn *heard, autobus_subscription **ret)
{
    return autobus_listen(remote, event, heard, ear, ab_raw_ear_free, ret);
}

static autobus_result begin_watching(autobus_remote *remote, const char *object, ab_raw_ear *ear,
                                     autobus_message_fn *heard, autobus_subscription **ret)
{
    return autobus_watch(remote, object, heard, ear, ab_raw_ear_free, ret);
}

AB_API autobus_result autobus_raw_remote_on_state(autobus_handle remote, int initial,
                                                  autobus_raw_fn *heard, void *userdata,
                                                  autobus_raw_free_fn *free_userdata,
                                                  autobus_handle *ret_subscription)
{
    return subscribe(remote, NULL, ab_raw_ear_new(heard, userdata, free_userdata),
                     initial ? begin_states_with_now : begin_states, ret_subscription);
}

AB_API autobus_result autobus_raw_listen(autobus_handle remote, const char *event,
                                         autobus_raw_fn *heard, void *userdata,
                                         autobus_raw_free_fn *free_userdata,
                                         autobus_handle *ret_subscription)
{
    return subscribe(remote, event, ab_raw_ear_new(heard, userdata, free_userdata), begin_listening,
                     ret_subscription);
}

AB_API autobus_result autobus_raw_watch(autobus_handle remote, const char *object,
                                        autobus_raw_fn *heard, void *userdata,
                                        autobus_raw_free_fn *free_userdata,
                                        autobus_handle *ret_subscription)
{
    return subscribe(remote, object, ab_raw_ear_new(heard, userdata, free_userdata), begin_watching,
                     ret_subscription);
}

AB_API autobus_result autobus_raw_values(autobus_handle remote, const char *object,
                                         char **ret_values)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    AB_SCOPED(ab_json_put) json_object *table = NULL;
    if (ret_values == NULL)
        return needs_place("autobus_raw_values");
    *ret_values = NULL;
    if (at == NULL)
        return AUTOBUS_INVALID;
    autobus_result result = autobus_values(at->remote, object, &table);
    if (result != AUTOBUS_OK)
        return result;
    ab_buffer out;
    ab_buffer_init(&out);
    ab_json_print(&out, table);
    *ret_values = ab_strndup(ab_buffer_bytes(&out), ab_buffer_length(&out));
    ab_buffer_fini(&out);
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_raw_call(autobus_handle remote, const char *name,
                                       const char *arguments, int timeout_ms, char **ret_value)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    if (ret_value != NULL)
        *ret_value = NULL;
    return at != NULL ? autobus_call_text(at->remote, name, arguments, timeout_ms, ret_value)
                      : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_call_async(autobus_handle remote, const char *name,
                                             const char *arguments, int timeout_ms, int unbound,
                                             autobus_raw_fn *done, void *userdata,
                                             autobus_raw_free_fn *free_userdata, uint64_t *ret_call)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    ab_raw_ear raw = {done, userdata, free_userdata};
    static_assert(sizeof raw <= AB_EAR_MOST, "it fits into a call");
    const ab_ear ear = {done != NULL ? ab_raw_ear_hear : NULL, &raw, ab_raw_ear_end, sizeof raw};
    if (at != NULL)
        return ab_call_text_async(at->remote, name, arguments, timeout_ms, (autobus_unbound)unbound,
                                  &ear, ret_call);
    ab_raw_ear_end(&raw);
    return AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_call_cancel(autobus_handle remote, uint64_t call)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    return at != NULL ? autobus_call_cancel(at->remote, call) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_send(autobus_handle remote, const char *name,
                                       const char *arguments, int unbound, uint64_t *ret_count)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    size_t count = 0;
    autobus_result result = at != NULL ? autobus_send_text(at->remote, name, arguments,
                                                           (autobus_unbound)unbound, &count)
                                       : AUTOBUS_INVALID;
    if (ret_count != NULL)
        *ret_count = count;
    return result;
}
