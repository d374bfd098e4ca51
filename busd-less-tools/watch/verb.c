/* SPDX-License-Identifier: MIT
 * The options of autobus-watch. */
#include "watch/verb.h"

#include "tool/follow.h"

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

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    return tool_follow_work(&watch_verb, argc, argv, desk);
}

const tool_verb watch_verb = {
    .name = "watch",
    .command = &command,
    .run = run,
    .members = "objects",
    .follows = true,
};
