/* SPDX-License-Identifier: MIT
 * Listing or watching, as the request says. */
#include "ls/verb.h"

#include "ls/list.h"
#include "ls/request.h"
#include "ls/watch.h"

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    ls_request request;
    tool_exit code;
    if (ls_request_init(&request, argc, argv, &code)) {
        request.asked.desk = desk;
        code = request.watches ? ls_watch(&request) : ls_list(&request);
    }
    ls_request_fini(&request);
    return code;
}

const tool_verb ls_verb = {.name = "ls", .command = &ls_command, .run = run};
