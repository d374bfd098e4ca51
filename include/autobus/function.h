/* SPDX-License-Identifier: MIT
 * The functions of a service, and the requests that call them. */
#ifndef AUTOBUS_FUNCTION_H
#define AUTOBUS_FUNCTION_H

#include <autobus/message.h>
#include <autobus/service.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Somebody's call of a function. In the handler it is borrowed; keep it to answer later. */
typedef struct autobus_request autobus_request;

/** Handles a call. If it returns without an answer and has not kept the request, the answer is null. */
typedef void autobus_function_fn(void *userdata, autobus_request *request);

typedef enum autobus_policy {
    AUTOBUS_INLINE = 0, /**< with the other callbacks, in the order of arrival: for what is quick */
    AUTOBUS_POOL = 1    /**< on a worker thread: may take its time, several at once */
} autobus_policy;

/** Adds a function; published or not. `description` is NULL or JSON text, single quotes are fine:
 *    {'doc': 'Sets the level.',
 *     'parameters': [{'name': 'level', 'type': 'integer', 'doc': '…', 'range': [0, 100], 'unit': '%',
 *                     'default': 100}, …],
 *     'required': 1, 'rest': 'any', 'returns': 'boolean'}
 *  Everything in it is optional. Types are null boolean number integer string list map any. With 'parameters'
 *  given, a call that does not fit is refused before the handler sees it: by its number of arguments (more only
 *  with 'rest', fewer than 'required' never), their types and ranges. 'required' is else the number of
 *  parameters without a default. A missing argument with a default is filled in.
 *  AUTOBUS_IN_USE: there is one of this name. Names are 1 to 255 bytes of UTF-8 and do not begin with "_". */
autobus_result autobus_service_add_function(autobus_service *service, const char *name,
                                            const char *description, autobus_policy policy,
                                            autobus_function_fn *handler, void *userdata,
                                            autobus_free_fn *free_userdata);
/** After it returns no call of it begins. Requests that were kept can still be answered. */
autobus_result autobus_service_remove_function(autobus_service *service, const char *name);

/** The function's name. Texts live as long as the request. */
const char *autobus_request_function(const autobus_request *request);
/** The arguments as JSON text: a list. */
const char *autobus_request_text(const autobus_request *request);
/** The arguments as a list, and one of them (NULL: JSON null, or not that many). Borrowed from the request. */
json_object *autobus_request_arguments(const autobus_request *request);
json_object *autobus_request_argument(const autobus_request *request, size_t index);
/** Where the caller is, such as "10.0.0.7". */
const char *autobus_request_caller(const autobus_request *request);
/** False: the caller asked for no answer, or is gone. */
bool autobus_request_is_wanted(const autobus_request *request);

/** Answers; `value` is taken, NULL is null. The first answer counts: AUTOBUS_INVALID for another one. What is
 *  said to a caller that is gone goes nowhere, safely. AUTOBUS_TOO_LARGE: the caller gets that as the error. */
autobus_result autobus_request_answer(autobus_request *request, json_object *value);
/** The same with JSON text. */
autobus_result autobus_request_answer_text(autobus_request *request, const char *value);
/** Answers with an error: one sentence for the caller. */
autobus_result autobus_request_fail(autobus_request *request, const char *sentence);
/** In the handler: the request becomes yours, to answer later from any thread. Only once. */
autobus_request *autobus_request_keep(autobus_request *request);
/** Gives up one that was kept. Without an answer before, the caller hears none: its timeout ends the call. */
void autobus_request_free(autobus_request **request);

#ifdef __cplusplus
}
#endif
#endif
