/* SPDX-License-Identifier: MIT
 * autobus-watch: the values of objects, now and whenever they change. */
#include "tool/follow.h"
#include "tool/start.h"

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_ANY,
    TOOL_ROW_EACH("all that match, those that come later too"),
    TOOL_ROW_COUNT("end after so many values"),
    TOOL_ROW_TIMEOUT("end after so long"),
    TOOL_ROW_JSON("one JSON object a line"),
    {0, NULL, NULL, NULL},
};

static const tool_command command = {
    .usage = "TYPE OBJECT... [OPTION]...",
    .about = "Prints the value of an object, and again whenever it changes, as one line of\n"
             "JSON, until interrupted; where there are several, each behind its name. It\n"
             "outlives restarts of the service. TYPE may be a glob, or a place:\n"
             "HOST:PORT/ID.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-watch lamp level                a number whenever it changes\n"
             "  autobus-watch lamp level -n 1           the value of now\n"
             "  autobus-watch --each lamp level         of all lamps\n"
             "  autobus-watch -j lamp level | jq .value for scripts\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 4 timeout, 8 several match,\n"
             "130 interrupted.\n",
};

int main(int argc, char **argv)
{
    static const tool_reader reader = {.command = &command, .words = tool_follow_words};
    tool_follow follow = {.is_events = false};
    tool_exit code;
    tool_start();
    if (tool_request_init(&follow.asked, &reader, &follow, argc, argv, &code)) {
        code = tool_follow_run(&follow);
    }
    tool_follow_fini(&follow);
    return (int)tool_finish(code);
}
