/* SPDX-License-Identifier: MIT
 * The talk that the request asks for. */
#include "chat/verb.h"

#include "chat/request.h"
#include "chat/talk.h"
#include "tool/start.h"

static tool_exit work(const chat_request *request)
{
    if (request->asked.desk != NULL && request->asked.desk->has_input) {
        tool_complain(
            "standard input has the commands, so there is nothing to say: let a file have them");
        return TOOL_USAGE;
    }
    return chat_talk(request);
}

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    chat_request request;
    tool_exit code;
    if (chat_request_init(&request, argc, argv, &code)) {
        request.asked.desk = desk;
        code = work(&request);
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
