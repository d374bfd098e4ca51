/* SPDX-License-Identifier: MIT
 * autobus-call: call a function of a service. */
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

int main(int argc, char **argv)
{
    tool_start();
    call_request request;
    tool_exit code;
    json_object *input = NULL;
    if (call_request_init(&request, argc, argv, &code)) {
        code = request.reads_input && !read_input(&input) ? TOOL_USAGE : call_work(&request, input);
    }
    json_object_put(input);
    call_request_fini(&request);
    return (int)tool_finish(code);
}
