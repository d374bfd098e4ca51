/* SPDX-License-Identifier: MIT
 * The C face of channels and streams that are there already. Opening one is remote.c's, offering them service.c's. */
#include <autobus/channel.h>

#include <json-c/json.h>

#include "base/error.h"
#include "peer/channel.h"
#include "service/payload.h"

#define MOST \
    ((size_t)16 << 20) /* bytes of a value; what a connection takes is less, and its own to check */

static autobus_result fail_null(const char *function, const char *what)
{
    return ab_fail(AUTOBUS_INVALID, "autobus_channel_%s() needs a %s, not NULL", function, what);
}

AB_API autobus_result autobus_channel_accept(autobus_channel *offered, autobus_message_fn *heard,
                                             void *userdata, autobus_free_fn *free_userdata)
{
    if (offered != NULL && heard != NULL)
        return ab_channel_accept(offered, heard, userdata, free_userdata);
    if (free_userdata != NULL)
        free_userdata(userdata);
    return fail_null("accept", offered == NULL ? "channel" : "callback");
}

AB_API void autobus_channel_free(autobus_channel **channel)
{
    if (channel == NULL || *channel == NULL)
        return;
    autobus_channel *gone = *channel;
    *channel = NULL;
    ab_channel_free(gone);
}

AB_API const char *autobus_channel_name(const autobus_channel *channel)
{
    return channel != NULL ? ab_channel_name(channel) : "";
}

AB_API const char *autobus_channel_argument(const autobus_channel *channel)
{
    return channel != NULL ? ab_channel_argument(channel) : "null";
}

/* Takes the text; `result` is how it came about. */
static autobus_result send_payload(autobus_channel *channel, autobus_result result,
                                   ab_payload *payload)
{
    if (result == AUTOBUS_OK)
        result = ab_channel_send(channel, payload->text);
    ab_payload_fini(payload);
    return result;
}

AB_API autobus_result autobus_channel_send(autobus_channel *channel, json_object *value)
{
    ab_payload payload;
    if (channel == NULL) {
        json_object_put(value);
        return fail_null("send", "channel");
    }
    autobus_result result = ab_payload_of_tree(value, "a message", MOST, &payload);
    return send_payload(channel, result, &payload);
}

AB_API autobus_result autobus_channel_send_text(autobus_channel *channel, const char *value)
{
    ab_payload payload;
    if (channel == NULL || value == NULL)
        return fail_null("send_text", channel == NULL ? "channel" : "value");
    autobus_result result = ab_payload_of_text(value, "a message", MOST, &payload);
    return send_payload(channel, result, &payload);
}

AB_API autobus_result autobus_channel_write(autobus_channel *channel, const void *bytes,
                                            size_t length, size_t *ret_sent)
{
    if (ret_sent != NULL)
        *ret_sent = 0;
    if (channel == NULL || (bytes == NULL && length > 0))
        return fail_null("write", channel == NULL ? "channel" : "place where the bytes are");
    return ab_channel_write(channel, length > 0 ? bytes : "", length, ret_sent);
}

AB_API autobus_result autobus_channel_end(autobus_channel *channel)
{
    return channel != NULL ? ab_channel_end(channel) : fail_null("end", "channel");
}

AB_API autobus_result autobus_channel_pause(autobus_channel *channel, bool is_paused)
{
    return channel != NULL ? ab_channel_pause(channel, is_paused) : fail_null("pause", "channel");
}

AB_API autobus_result autobus_channel_close(autobus_channel *channel, const char *reason)
{
    return channel != NULL ? ab_channel_close(channel, reason) : fail_null("close", "channel");
}
