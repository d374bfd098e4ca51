/* SPDX-License-Identifier: MIT
 * The talk that the request asks for. */
#include "chat/verb.h"

#include "chat/request.h"
#include "chat/talk.h"

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    chat_request request;
    tool_exit code;
    if (chat_request_init(&request, argc, argv, &code)) {
        request.asked.desk = desk;
        code = chat_talk(&request);
    }
    chat_request_fini(&request);
    return code;
}

const tool_verb chat_verb = {
    .name = "chat",
    .command = &chat_command,
    .run = run,
    .members = "channels",
};
