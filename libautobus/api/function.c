/* SPDX-License-Identifier: MIT
 * The C face of functions and requests. */
#include <autobus/function.h>

#include "base/error.h"
#include "service/function.h"
#include "service/request.h"
#include "value/json.h"

static autobus_result refuse(const autobus_service *service, autobus_function_fn *handler,
                             autobus_policy policy)
{
    if (service == NULL)
        return ab_fail(AUTOBUS_INVALID, "the service is NULL; make one with autobus_service_new()");
    if (handler == NULL)
        return ab_fail(AUTOBUS_INVALID, "a function needs a handler, not NULL");
    if (policy != AUTOBUS_INLINE && policy != AUTOBUS_POOL)
        return ab_fail(AUTOBUS_INVALID,
                       "policy %d is none; AUTOBUS_INLINE or AUTOBUS_POOL would be right",
                       (int)policy);
    return AUTOBUS_OK;
}

AB_API autobus_result autobus_service_add_function(autobus_service *service, const char *name,
                                                   const char *description, autobus_policy policy,
                                                   autobus_function_fn *handler, void *userdata,
                                                   autobus_free_fn *free_userdata)
{
    autobus_result result = refuse(service, handler, policy);

    if (result == AUTOBUS_OK)
        return ab_service_add_function(service, name, description, policy, handler, userdata,
                                       free_userdata);
    if (free_userdata != NULL)
        free_userdata(userdata);
    return result;
}

AB_API autobus_result autobus_service_remove_function(autobus_service *service, const char *name)
{
    if (service == NULL)
        return ab_fail(AUTOBUS_INVALID, "the service is NULL; make one with autobus_service_new()");
    return ab_service_remove_function(service, name);
}

static autobus_result no_request(void)
{
    return ab_fail(AUTOBUS_INVALID, "the request is NULL; a handler is given one");
}

AB_API const char *autobus_request_function(const autobus_request *request)
{
    return request != NULL ? ab_request_function(request) : "";
}

AB_API const char *autobus_request_text(const autobus_request *request)
{
    return request != NULL ? ab_request_text(request) : "[]";
}

AB_API json_object *autobus_request_arguments(const autobus_request *request)
{
    return request != NULL ? ab_request_arguments(request) : NULL;
}

AB_API json_object *autobus_request_argument(const autobus_request *request, size_t index)
{
    json_object *list = autobus_request_arguments(request);
    return list != NULL ? json_object_array_get_idx(list, index) : NULL;
}

AB_API const char *autobus_request_caller(const autobus_request *request)
{
    return request != NULL ? ab_request_caller(request) : "";
}

AB_API bool autobus_request_is_wanted(const autobus_request *request)
{
    return request != NULL && ab_request_is_wanted(request);
}

AB_API autobus_result autobus_request_answer(autobus_request *request, json_object *value)
{
    if (request != NULL)
        return ab_request_answer(request, value);
    json_object_put(value);
    return no_request();
}

AB_API autobus_result autobus_request_answer_text(autobus_request *request, const char *value)
{
    if (request == NULL)
        return no_request();
    return ab_request_answer_text(request, value != NULL ? value : "null");
}

AB_API autobus_result autobus_request_fail(autobus_request *request, const char *sentence)
{
    if (request == NULL)
        return no_request();
    return ab_request_fail(request, sentence != NULL ? sentence : "The function failed.");
}

AB_API autobus_request *autobus_request_keep(autobus_request *request)
{
    if (request != NULL)
        return ab_request_keep(request);
    (void)no_request();
    return NULL;
}

AB_API void autobus_request_free(autobus_request **request)
{
    if (request == NULL || *request == NULL)
        return;
    autobus_request *gone = *request;
    *request = NULL;
    ab_request_free(gone);
}
