/* SPDX-License-Identifier: MIT
 * What standard input holds, and then the call. */
#include "call/verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "call/request.h"
#include "call/work.h"
#include "tool/json.h"
#include "tool/start.h"
#include "tool/text.h"

/* Before anything else is started, so that whoever types can still be interrupted as ever. */
static bool read_input(json_object **ret_value)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t length = getdelim(&text, &room, '\0', stdin);
    bool is_read = length >= 0 && !ferror(stdin);
    bool is_json = is_read && strlen(text) == (size_t)length && tool_json_parse(text, ret_value);
    if (ferror(stdin)) {
        tool_complain("standard input could not be read: %s", strerror(errno));
    } else if (!is_json) {
        tool_complain("standard input is no JSON; a list of the arguments would be right, or a map "
                      "of them by name");
    }
    free(text);
    return is_json;
}

static tool_exit work(const call_request *request)
{
    json_object *input = NULL;
    if (request->reads_input && request->asked.desk != NULL) {
        tool_complain("standard input has the commands: write the arguments behind the function");
        return TOOL_USAGE;
    }
    bool is_read = !request->reads_input || read_input(&input);
    tool_exit code = is_read ? call_work(request, input) : TOOL_USAGE;
    json_object_put(input);
    return code;
}

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    call_request request;
    tool_exit code;
    if (call_request_init(&request, argc, argv, &code)) {
        request.asked.desk = desk;
        code = work(&request);
    }
    call_request_fini(&request);
    return code;
}

const tool_verb call_verb = {
    .name = "call",
    .command = &call_command,
    .run = run,
    .members = "functions",
};
