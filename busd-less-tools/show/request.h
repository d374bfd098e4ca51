/* SPDX-License-Identifier: MIT
 * What autobus-show was asked for. It starts nothing. */
#ifndef SHOW_REQUEST_H
#define SHOW_REQUEST_H

#include "tool/request.h"

typedef struct show_request {
    tool_request asked;
    const char *names; /**< --names: the kind whose names alone are wanted; NULL: everything is */
} show_request;

extern const tool_command show_command;

/** As tool_request_init(). */
bool show_request_init(show_request *self, int argc, char **argv, tool_exit *ret_exit);
void show_request_fini(show_request *self);

#endif
