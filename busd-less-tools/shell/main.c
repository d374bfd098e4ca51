/* SPDX-License-Identifier: MIT
 * autobus-shell: the verbs of the other tools, one after the other, on a bus that lives as long as it. */
#include "shell/request.h"
#include "shell/shell.h"
#include "tool/start.h"

int main(int argc, char **argv)
{
    tool_start();
    shell_request request;
    tool_exit code;
    if (shell_request_init(&request, argc, argv, &code)) {
        code = shell_run(&request);
    }
    shell_request_fini(&request);
    return (int)tool_finish(code);
}
