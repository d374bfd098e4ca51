/* SPDX-License-Identifier: MIT
 * autobus-replay: services out of a recording. */
#include "replay/play.h"
#include "tool/start.h"

int main(int argc, char **argv)
{
    tool_start();
    replay_request request;
    tool_exit code;
    if (replay_request_init(&request, argc, argv, &code)) {
        code = replay_play(&request);
    }
    replay_request_fini(&request);
    return (int)tool_finish(code);
}
