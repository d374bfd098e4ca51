/* SPDX-License-Identifier: MIT
 * autobus-monitor: who comes and goes, and what passes between the buses. */
#include "monitor/request.h"
#include "monitor/watch.h"
#include "tool/start.h"

int main(int argc, char **argv)
{
    tool_start();
    monitor_request request;
    tool_exit code;
    if (monitor_request_init(&request, argc, argv, &code)) {
        code = monitor_watch(&request);
    }
    monitor_request_fini(&request);
    return (int)tool_finish(code);
}
