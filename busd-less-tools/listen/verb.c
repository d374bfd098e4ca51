/* SPDX-License-Identifier: MIT
 * The options of autobus-listen. */
#include "listen/verb.h"

#include "tool/follow.h"

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_ANY,
    TOOL_ROW_EACH("all that match, those that come later too"),
    TOOL_ROW_COUNT("end after so many events"),
    TOOL_ROW_TIMEOUT("end after so long"),
    TOOL_ROW_JSON("one JSON object a line"),
    {0, NULL, NULL, NULL},
};

static const tool_command command = {
    .usage = "TYPE EVENT... [OPTION]...",
    .about = "Prints the arguments of an event whenever it is fired, as one line of JSON,\n"
             "until interrupted; where there are several, each behind its name. It outlives\n"
             "restarts of the service. TYPE may be a glob, or a place: HOST:PORT/ID.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-listen button pressed           a line for each press\n"
             "  autobus-listen button pressed -n 1 && aplay bell.wav\n"
             "  autobus-listen --each button pressed    of all buttons\n"
             "  autobus-listen -j button pressed | jq .args\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 4 timeout, 8 several match,\n"
             "130 interrupted.\n",
};

static tool_exit run(int argc, char **argv, tool_desk *desk)
{
    return tool_follow_work(&listen_verb, argc, argv, desk);
}

const tool_verb listen_verb = {
    .name = "listen",
    .command = &command,
    .run = run,
    .members = "events",
    .follows = true,
};
