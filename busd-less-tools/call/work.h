/* SPDX-License-Identifier: MIT
 * The work: from a request to results on paper. */
#ifndef CALL_WORK_H
#define CALL_WORK_H

#include <json-c/json_types.h>

#include "call/request.h"

/** Calls. `input` is what standard input held, for a request that reads it; borrowed. */
tool_exit call_work(const call_request *request, json_object *input);

#endif
