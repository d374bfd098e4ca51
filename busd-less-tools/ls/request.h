/* SPDX-License-Identifier: MIT
 * What autobus-ls was asked for: its command line, understood. It starts nothing. */
#ifndef LS_REQUEST_H
#define LS_REQUEST_H

#include <stdbool.h>

#include "tool/choice.h"
#include "tool/exit.h"
#include "tool/family.h"
#include "tool/paper.h"

typedef enum ls_form {
    LS_TABLE,
    LS_LONG,
    LS_JSON
} ls_form;

typedef struct ls_request {
    tool_family family;
    tool_choice choice;
    tool_paper paper;
    ls_form form;
    bool watches;
    int limit_ms; /**< -t; 0: not given */
} ls_request;

/** Reads the command line. True if there is work to do; else *ret_exit is how to end, and --help, --version
 *  or a sentence on what is wrong has been printed. ls_request_fini() in either case. */
bool ls_request_init(ls_request *self, int argc, char **argv, tool_exit *ret_exit);
void ls_request_fini(ls_request *self);

#endif
