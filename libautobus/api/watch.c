/* SPDX-License-Identifier: MIT
 * The C face of listening and watching. */
#include <autobus/watch.h>

#include "base/error.h"
#include "proxy/remote.h"
#include "proxy/subscription.h"
#include "value/json.h"

static autobus_result subscribe(autobus_remote *remote, ab_subscribed what, const char *name,
                                const ab_ear *ear, autobus_subscription **ret_subscription)
{
    if (remote != NULL)
        return ab_subscribe(remote, what, name, true, ear, ret_subscription);
    if (ear->free_userdata != NULL)
        ear->free_userdata(ear->userdata);
    return ab_remote_missing();
}

AB_API autobus_result autobus_listen(autobus_remote *remote, const char *event,
                                     autobus_message_fn *heard, void *userdata,
                                     autobus_free_fn *free_userdata,
                                     autobus_subscription **ret_subscription)
{
    const ab_ear ear = {heard, userdata, free_userdata, 0};
    return subscribe(remote, AB_TO_EVENT, event, &ear, ret_subscription);
}

AB_API autobus_result autobus_watch(autobus_remote *remote, const char *object,
                                    autobus_message_fn *heard, void *userdata,
                                    autobus_free_fn *free_userdata,
                                    autobus_subscription **ret_subscription)
{
    const ab_ear ear = {heard, userdata, free_userdata, 0};
    return subscribe(remote, AB_TO_OBJECT, object, &ear, ret_subscription);
}

static autobus_result check(const autobus_remote *remote, const char *object,
                            json_object **ret_value)
{
    if (remote == NULL)
        return ab_remote_missing();
    if (object != NULL && ret_value != NULL)
        return AUTOBUS_OK;
    return ab_fail(AUTOBUS_INVALID, "a value needs the name of an object and a place, not NULL");
}

AB_API autobus_result autobus_value(autobus_remote *remote, const char *object,
                                    json_object **ret_value)
{
    ab_text *text = NULL;
    autobus_result result = check(remote, object, ret_value);
    if (ret_value != NULL)
        *ret_value = NULL;
    if (result == AUTOBUS_OK)
        result = ab_remote_value(remote, object, &text);
    if (text != NULL)
        (void)ab_json_parse((ab_slice){text->bytes, text->length}, false, ret_value);
    ab_text_unref(text);
    return result;
}

AB_API autobus_result autobus_values(autobus_remote *remote, const char *object,
                                     json_object **ret_values)
{
    AB_SCOPED(ab_buffer_fini) ab_buffer table;
    ab_buffer_init(&table);
    autobus_result result = check(remote, object, ret_values);
    if (ret_values != NULL)
        *ret_values = NULL;
    if (result == AUTOBUS_OK)
        result = ab_remote_values(remote, object, &table);
    if (result == AUTOBUS_OK)
        (void)ab_json_parse((ab_slice){ab_buffer_bytes(&table), ab_buffer_length(&table)}, false,
                            ret_values);
    return result;
}
