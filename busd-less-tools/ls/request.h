/* SPDX-License-Identifier: MIT
 * What autobus-ls was asked for: its command line, understood. It starts nothing. */
#ifndef LS_REQUEST_H
#define LS_REQUEST_H

#include <stdbool.h>

#include "tool/request.h"

typedef enum ls_form {
    LS_TABLE,
    LS_LONG,
    LS_TREE,
    LS_JSON
} ls_form;

typedef struct ls_request {
    tool_request asked;
    ls_form form;
    bool watches;
    bool with_members; /**< every bus is asked what its services have */
} ls_request;

extern const tool_command ls_command;

/** As tool_request_init(). */
bool ls_request_init(ls_request *self, int argc, char **argv, tool_exit *ret_exit);
void ls_request_fini(ls_request *self);

#endif
