/* SPDX-License-Identifier: MIT
 * What autobus-shell was asked for. It starts nothing. */
#ifndef SHELL_REQUEST_H
#define SHELL_REQUEST_H

#include <stdbool.h>

#include "tool/request.h"

typedef struct shell_request {
    tool_request asked;
    const char *file; /**< of commands; NULL: standard input has them */
    bool is_strict;   /**< the first failure ends it */
} shell_request;

/** As tool_request_init(). */
bool shell_request_init(shell_request *self, int argc, char **argv, tool_exit *ret_exit);
void shell_request_fini(shell_request *self);

#endif
