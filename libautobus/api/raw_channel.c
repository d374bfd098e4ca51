/* SPDX-License-Identifier: MIT
 * The raw face of channels and streams. One that is offered has a handle already, which is stale after the callback
 * unless it was accepted there. */
#include "api/raw_ear.h"
#include "api/raw_handles.h"
#include "base/error.h"
#include "value/json.h"

AB_API autobus_result autobus_raw_channel_open(autobus_handle remote, const char *name,
                                               int is_stream, const char *argument,
                                               autobus_raw_fn *heard, void *userdata,
                                               autobus_raw_free_fn *free_userdata,
                                               autobus_handle *ret_channel)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(remote, AB_HANDLE_REMOTE);
    ab_raw_ear *ear = ab_raw_ear_new(heard, userdata, free_userdata);
    json_object *tree = NULL;
    autobus_result result = at != NULL ? AUTOBUS_OK : AUTOBUS_INVALID;

    if (ret_channel != NULL)
        *ret_channel = 0;
    else if (result == AUTOBUS_OK)
        result = ab_fail(AUTOBUS_INVALID,
                         "autobus_raw_channel_open() needs a place for the channel, not NULL");
    if (result == AUTOBUS_OK && argument != NULL &&
        !ab_json_parse(ab_slice_of(argument), true, &tree))
        result = AUTOBUS_INVALID;
    if (result != AUTOBUS_OK) {
        ab_raw_ear_free(ear);
        return result;
    }
    ab_handle *handle = ab_handle_make(AB_HANDLE_CHANNEL, ret_channel);
    result = autobus_channel_open(at->remote, name, is_stream != 0, tree,
                                  heard != NULL ? ab_raw_ear_hear : NULL, ear, ab_raw_ear_free,
                                  &handle->channel);
    return ab_handle_made(handle, result, ret_channel);
}

AB_API autobus_result autobus_raw_channel_accept(autobus_handle offered, autobus_raw_fn *heard,
                                                 void *userdata, autobus_raw_free_fn *free_userdata)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(offered, AB_HANDLE_CHANNEL);
    ab_raw_ear *ear = ab_raw_ear_new(heard, userdata, free_userdata);
    if (at == NULL) {
        ab_raw_ear_free(ear);
        return AUTOBUS_INVALID;
    }
    autobus_result result = autobus_channel_accept(
        at->channel, heard != NULL ? ab_raw_ear_hear : NULL, ear, ab_raw_ear_free);
    if (result == AUTOBUS_OK)
        at->is_lent = false;
    return result;
}

AB_API autobus_result autobus_raw_channel_send(autobus_handle channel, const char *value)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? autobus_channel_send_text(at->channel, value) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_channel_write(autobus_handle channel, const void *bytes,
                                                size_t length, size_t *ret_sent)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    if (ret_sent != NULL)
        *ret_sent = 0;
    return at != NULL ? autobus_channel_write(at->channel, bytes, length, ret_sent)
                      : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_channel_end(autobus_handle channel)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? autobus_channel_end(at->channel) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_channel_pause(autobus_handle channel, int is_paused)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? autobus_channel_pause(at->channel, is_paused != 0) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_channel_close(autobus_handle channel, const char *reason)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? autobus_channel_close(at->channel, reason) : AUTOBUS_INVALID;
}

AB_API char *autobus_raw_channel_name(autobus_handle channel)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? ab_strdup(autobus_channel_name(at->channel)) : NULL;
}

AB_API char *autobus_raw_channel_argument(autobus_handle channel)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(channel, AB_HANDLE_CHANNEL);
    return at != NULL ? ab_strdup(autobus_channel_argument(at->channel)) : NULL;
}
