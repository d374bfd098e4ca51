/* SPDX-License-Identifier: MIT
 * What is to be recorded, and where to. */
#ifndef RECORD_REQUEST_H
#define RECORD_REQUEST_H

#include "tool/request.h"

typedef struct record_request {
    tool_request asked;
    const char *file; /**< NULL: standard output */
} record_request;

extern const tool_command record_command;

/** Reads the command line as tool_request_init() does. */
bool record_request_init(record_request *self, int argc, char **argv, tool_exit *ret_exit);
void record_request_fini(record_request *self);

#endif
