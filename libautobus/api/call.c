/* SPDX-License-Identifier: MIT
 * The C face of calls. Trees become text, and text trees, in the thread that calls. */
#include "api/call.h"

#include <stdlib.h>

#include "base/error.h"
#include "proxy/calling.h"
#include "proxy/remote.h"
#include "service/payload.h"
#include "value/json.h"

/* What is to be called, with its arguments. */
typedef struct call_wish {
    ab_order order;
    ab_payload arguments;
} call_wish;

/* `given`: there are arguments. */
static autobus_result complete(call_wish *wish, bool given, autobus_result result)
{
    if (given && result == AUTOBUS_OK && !ab_payload_is_list(&wish->arguments))
        result = ab_fail(
            AUTOBUS_INVALID, "the arguments of a call must be a list such as [50], not %.*s",
            (int)AB_MIN(wish->arguments.text.length, (size_t)40), wish->arguments.text.bytes);
    wish->order.arguments = given ? wish->arguments.text : AB_SLICE("[]");
    return result;
}

static autobus_result of_tree(call_wish *wish, json_object *arguments)
{
    autobus_result result = AUTOBUS_OK;
    if (arguments != NULL)
        result = ab_payload_of_tree(arguments, "a call", AB_PAYLOAD_MOST, &wish->arguments);
    return complete(wish, arguments != NULL, result);
}

static autobus_result of_text(call_wish *wish, const char *arguments)
{
    autobus_result result = AUTOBUS_OK;
    if (arguments != NULL)
        result = ab_payload_of_text(arguments, "a call", AB_PAYLOAD_MOST, &wish->arguments);
    return complete(wish, arguments != NULL, result);
}

static autobus_result call(autobus_remote *remote, call_wish *wish, autobus_result result,
                           ab_text **ret)
{
    *ret = NULL;
    if (result == AUTOBUS_OK)
        result = remote != NULL ? ab_calling_call(remote, &wish->order, ret) : ab_remote_missing();
    ab_payload_fini(&wish->arguments);
    return result;
}

AB_API autobus_result autobus_call(autobus_remote *remote, const char *name, json_object *arguments,
                                   int timeout_ms, json_object **ret_value)
{
    call_wish wish = {.order = {.name = name, .timeout_ms = timeout_ms}};
    ab_text *answer;
    autobus_result result = call(remote, &wish, of_tree(&wish, arguments), &answer);
    if (ret_value != NULL)
        *ret_value = NULL;
    if (answer != NULL && ret_value != NULL &&
        !ab_json_parse((ab_slice){answer->bytes, answer->length}, false, ret_value))
        result = AUTOBUS_INCOMPATIBLE;
    ab_text_unref(answer);
    return result;
}

AB_API autobus_result autobus_call_text(autobus_remote *remote, const char *name,
                                        const char *arguments, int timeout_ms, char **ret_value)
{
    call_wish wish = {.order = {.name = name, .timeout_ms = timeout_ms}};
    ab_text *answer;
    autobus_result result = call(remote, &wish, of_text(&wish, arguments), &answer);
    if (ret_value != NULL)
        *ret_value =
            result == AUTOBUS_OK ? ab_strdup(answer != NULL ? answer->bytes : "null") : NULL;
    ab_text_unref(answer);
    return result;
}

static autobus_result start(autobus_remote *remote, call_wish *wish, autobus_result result,
                            const ab_ear *ear, uint64_t *ret_call)
{
    if (result == AUTOBUS_OK && remote == NULL)
        result = ab_remote_missing();
    if (result == AUTOBUS_OK)
        result = ab_calling_ask(remote, &wish->order, ear, ret_call);
    else if (ear->free_userdata != NULL)
        ear->free_userdata(ear->userdata);
    ab_payload_fini(&wish->arguments);
    return result;
}

AB_API autobus_result autobus_call_async(autobus_remote *remote, const char *name,
                                         json_object *arguments, int timeout_ms,
                                         autobus_unbound unbound, autobus_message_fn *done,
                                         void *userdata, autobus_free_fn *free_userdata,
                                         uint64_t *ret_call)
{
    call_wish wish = {.order = {.name = name, .timeout_ms = timeout_ms, .unbound = unbound}};
    const ab_ear ear = {done, userdata, free_userdata, 0};
    return start(remote, &wish, of_tree(&wish, arguments), &ear, ret_call);
}

autobus_result ab_call_text_async(autobus_remote *remote, const char *name, const char *arguments,
                                  int timeout_ms, autobus_unbound unbound, const ab_ear *ear,
                                  uint64_t *ret_call)
{
    call_wish wish = {.order = {.name = name, .timeout_ms = timeout_ms, .unbound = unbound}};
    return start(remote, &wish, of_text(&wish, arguments), ear, ret_call);
}

AB_API autobus_result autobus_call_text_async(autobus_remote *remote, const char *name,
                                              const char *arguments, int timeout_ms,
                                              autobus_unbound unbound, autobus_message_fn *done,
                                              void *userdata, autobus_free_fn *free_userdata,
                                              uint64_t *ret_call)
{
    const ab_ear ear = {done, userdata, free_userdata, 0};
    return ab_call_text_async(remote, name, arguments, timeout_ms, unbound, &ear, ret_call);
}

AB_API autobus_result autobus_call_cancel(autobus_remote *remote, uint64_t call)
{
    return remote != NULL ? ab_calling_cancel(remote, call) : ab_remote_missing();
}

static autobus_result send(autobus_remote *remote, call_wish *wish, autobus_result result,
                           size_t *ret_count)
{
    if (ret_count != NULL)
        *ret_count = 0;
    if (result == AUTOBUS_OK)
        result =
            remote != NULL ? ab_calling_send(remote, &wish->order, ret_count) : ab_remote_missing();
    ab_payload_fini(&wish->arguments);
    return result;
}

AB_API autobus_result autobus_send(autobus_remote *remote, const char *name, json_object *arguments,
                                   autobus_unbound unbound, size_t *ret_count)
{
    call_wish wish = {.order = {.name = name, .unbound = unbound}};
    return send(remote, &wish, of_tree(&wish, arguments), ret_count);
}

AB_API autobus_result autobus_send_text(autobus_remote *remote, const char *name,
                                        const char *arguments, autobus_unbound unbound,
                                        size_t *ret_count)
{
    call_wish wish = {.order = {.name = name, .unbound = unbound}};
    return send(remote, &wish, of_text(&wish, arguments), ret_count);
}
