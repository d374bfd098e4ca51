/* SPDX-License-Identifier: MIT
 * Somebody's call of a function: the public autobus_request from the inside. It is answered at most once, and may
 * outlive its service, its session and the bus: then its answer goes nowhere. */
#ifndef AB_SERVICE_REQUEST_H
#define AB_SERVICE_REQUEST_H

#include <autobus/function.h>

#include "base/list.h"
#include "base/text.h"
#include "service/client.h"
#include "service/function.h"

/** A request on its way to the handler of `function`. `arguments` is copied; `id` NONE: no answer is wanted. Whoever
 *  gets it runs or drops it once. */
autobus_request *ab_request_new(ab_client *client, ab_function *function, ab_value id,
                                ab_slice arguments) AB_LOCKED;
/** Where it waits for its turn: with the other callbacks, or in the pool. */
ab_delivery *ab_request_delivery(autobus_request *request);
ab_job *ab_request_job(autobus_request *request);
/** Its turn does not come: fails it with this sentence and gives it up. */
void ab_request_refuse(autobus_request *request, autobus_result code, const char *sentence)
    AB_LOCKED;
/** The session is over: the answer goes nowhere. */
void ab_request_abandon(autobus_request *request) AB_LOCKED;
autobus_request *ab_request_at(ab_list *place);

/* Behind the public functions of the same names. */
const char *ab_request_function(const autobus_request *request);
const char *ab_request_text(const autobus_request *request);
json_object *ab_request_arguments(const autobus_request *request);
const char *ab_request_caller(const autobus_request *request);
bool ab_request_is_wanted(const autobus_request *request);
autobus_result ab_request_answer(autobus_request *request, json_object *value);
autobus_result ab_request_answer_text(autobus_request *request, const char *value);
autobus_result ab_request_fail(autobus_request *request, const char *sentence);
autobus_request *ab_request_keep(autobus_request *request);
void ab_request_free(autobus_request *request);

#endif
