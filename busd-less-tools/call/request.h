/* SPDX-License-Identifier: MIT
 * What autobus-call was asked for. It starts nothing. */
#ifndef CALL_REQUEST_H
#define CALL_REQUEST_H

#include <stdbool.h>

#include "tool/request.h"
#include "tool/words.h"

typedef struct call_request {
    tool_request asked;
    const char *function;
    const char **words; /**< the arguments as typed; owned, what is in it is not */
    size_t word_count;
    tool_words shielded; /**< those of them that are negative numbers */
    bool reads_input;    /**< the one argument is "-" */
    bool wants_no_reply;
} call_request;

extern const tool_command call_command;

/** As tool_request_init(). */
bool call_request_init(call_request *self, int argc, char **argv, tool_exit *ret_exit);
void call_request_fini(call_request *self);

#endif
