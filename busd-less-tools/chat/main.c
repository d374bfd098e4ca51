/* SPDX-License-Identifier: MIT
 * autobus-chat: a channel of a service, from the shell. */
#include "chat/request.h"
#include "chat/talk.h"
#include "tool/start.h"

int main(int argc, char **argv)
{
    tool_start();
    chat_request request;
    tool_exit code;
    if (chat_request_init(&request, argc, argv, &code)) {
        code = chat_talk(&request);
    }
    chat_request_fini(&request);
    return (int)tool_finish(code);
}
