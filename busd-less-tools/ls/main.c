/* SPDX-License-Identifier: MIT
 * autobus-ls: what is on the network, and who comes and goes. */
#include "ls/list.h"
#include "ls/request.h"
#include "ls/watch.h"
#include "tool/signals.h"
#include "tool/start.h"

int main(int argc, char **argv)
{
    tool_start();
    ls_request request;
    tool_exit code;
    if (ls_request_init(&request, argc, argv, &code)) {
        code = request.watches ? ls_watch(&request, tool_signals_open()) : ls_list(&request);
    }
    ls_request_fini(&request);
    return (int)tool_finish(code);
}
