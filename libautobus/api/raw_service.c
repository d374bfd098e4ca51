/* SPDX-License-Identifier: MIT
 * The raw face of services that are offered, and of the requests to them. A request is always kept: whoever hears
 * of it answers, then or later, and frees it. */
#include <string.h>

#include "api/raw_ear.h"
#include "api/raw_handles.h"
#include "base/error.h"
#include "value/json.h"

AB_API autobus_result autobus_raw_service_new(autobus_handle bus, const char *info, const char *id,
                                              autobus_handle *ret_service)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(bus, AB_HANDLE_BUS);
    if (ret_service == NULL)
        return ab_fail(AUTOBUS_INVALID,
                       "autobus_raw_service_new() needs a place for the service, not NULL");
    *ret_service = 0;
    if (at == NULL)
        return AUTOBUS_INVALID;
    autobus_service *service = autobus_service_parse(at->bus, info);
    autobus_result result = id != NULL ? autobus_service_set_id(service, id) : AUTOBUS_OK;
    if (result == AUTOBUS_OK)
        *ret_service = ab_handle_of(AB_HANDLE_SERVICE, service, false);
    else
        autobus_service_free(&service);
    return result;
}

AB_API autobus_result autobus_raw_service_set_doc(autobus_handle service, const char *doc)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_set_doc(at->service, doc) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_publish(autobus_handle service)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_publish(at->service) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_withdraw(autobus_handle service)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_withdraw(at->service) : AUTOBUS_INVALID;
}

AB_API char *autobus_raw_service_id(autobus_handle service)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? ab_strdup(autobus_service_id(at->service)) : NULL;
}

static void hear_call(void *userdata, autobus_request *request)
{
    const char *arguments = autobus_request_text(request);
    autobus_request *kept = autobus_request_keep(request);
    ab_raw_ear_tell(userdata, (autobus_raw_news){
                                  .kind = AUTOBUS_RAW_CALLED,
                                  .handle = ab_handle_of(AB_HANDLE_REQUEST, kept, false),
                                  .number = autobus_request_is_wanted(kept),
                                  .service = autobus_request_caller(kept),
                                  .name = autobus_request_function(kept),
                                  .bytes = arguments,
                                  .length = strlen(arguments),
                              });
}

AB_API autobus_result autobus_raw_service_add_function(autobus_handle service, const char *name,
                                                       const char *description, int policy,
                                                       autobus_raw_fn *handler, void *userdata,
                                                       autobus_raw_free_fn *free_userdata)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    ab_raw_ear *ear = ab_raw_ear_new(handler, userdata, free_userdata);
    if (at != NULL)
        return autobus_service_add_function(at->service, name, description, (autobus_policy)policy,
                                            handler != NULL ? hear_call : NULL, ear,
                                            ab_raw_ear_free);
    ab_raw_ear_free(ear);
    return AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_add_event(autobus_handle service, const char *name,
                                                    const char *description)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_add_event(at->service, name, description) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_add_object(autobus_handle service, const char *name,
                                                     const char *description, const char *value)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    json_object *tree = NULL;
    if (at == NULL || (value != NULL && !ab_json_parse(ab_slice_of(value), true, &tree)))
        return AUTOBUS_INVALID;
    return autobus_service_add_object(at->service, name, description, tree);
}

static void hear_offer(void *userdata, autobus_channel *offered)
{
    const char *argument = autobus_channel_argument(offered);
    autobus_handle number = ab_handle_of(AB_HANDLE_CHANNEL, offered, true);
    ab_raw_ear_tell(userdata, (autobus_raw_news){
                                  .kind = AUTOBUS_RAW_OFFERED,
                                  .handle = number,
                                  .name = autobus_channel_name(offered),
                                  .bytes = argument,
                                  .length = strlen(argument),
                              });
    ab_handle_return(number);
}

AB_API autobus_result autobus_raw_service_add_channel(autobus_handle service, const char *name,
                                                      const char *description, int is_stream,
                                                      autobus_raw_fn *accept, void *userdata,
                                                      autobus_raw_free_fn *free_userdata)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    ab_raw_ear *ear = ab_raw_ear_new(accept, userdata, free_userdata);
    if (at != NULL)
        return autobus_service_add_channel(at->service, name, description, is_stream != 0,
                                           accept != NULL ? hear_offer : NULL, ear,
                                           ab_raw_ear_free);
    ab_raw_ear_free(ear);
    return AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_remove(autobus_handle service, const char *what,
                                                 const char *name)
{
    static const struct {
        const char *what;
        autobus_result (*remove)(autobus_service *service, const char *name);
    } removers[] = {
        {"function", autobus_service_remove_function},
        {"event", autobus_service_remove_event},
        {"object", autobus_service_remove_object},
        {"channel", autobus_service_remove_channel},
    };
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    if (at == NULL)
        return AUTOBUS_INVALID;
    for (size_t index = 0; what != NULL && index < AB_COUNT(removers); index++)
        if (strcmp(removers[index].what, what) == 0)
            return removers[index].remove(at->service, name);
    return ab_fail(AUTOBUS_INVALID,
                   "a service has functions, events, objects and channels to remove, no '%s'",
                   what != NULL ? what : "NULL");
}

AB_API autobus_result autobus_raw_service_set(autobus_handle service, const char *object,
                                              const char *value)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_set_text(at->service, object, value) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_service_fire(autobus_handle service, const char *event,
                                               const char *arguments)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(service, AB_HANDLE_SERVICE);
    return at != NULL ? autobus_service_fire_text(at->service, event, arguments) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_request_answer(autobus_handle request, const char *value)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(request, AB_HANDLE_REQUEST);
    return at != NULL ? autobus_request_answer_text(at->request, value) : AUTOBUS_INVALID;
}

AB_API autobus_result autobus_raw_request_fail(autobus_handle request, const char *sentence)
{
    AB_SCOPED(ab_handle_leave) ab_handle *at = ab_handle_enter(request, AB_HANDLE_REQUEST);
    return at != NULL ? autobus_request_fail(at->request, sentence) : AUTOBUS_INVALID;
}
