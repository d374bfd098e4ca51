/* SPDX-License-Identifier: MIT
 * The command line of autobus-record. */
#include "record/request.h"

#include <string.h>

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    {'s', "service", "ID", "only the service of this id"},
    TOOL_ROW_ALL,
    {'o', "output", "FILE", "write there; compressed if it ends in .zst"},
    TOOL_ROW_COUNT("end after so many values and events"),
    TOOL_ROW_TIMEOUT("end after so long"),
    {0, NULL, NULL, NULL},
};

const tool_command record_command = {
    .usage = "[TYPE] [OPTION]...",
    .about = "Records services: when they come and go, the values of their objects, and their\n"
             "events; all that match, those that come later too, until interrupted.\n"
             "autobus-replay plays it back. TYPE may be a glob; without one all are recorded.\n"
             "It may also be a place, HOST:PORT/ID, or HOST:PORT for all that are there.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-record -o house.zst             everything there is\n"
             "  autobus-record lamp -t 60 > lamps.jsonl the lamps, for a minute\n"
             "  autobus-record 10.0.0.20:4711/boiler    what is at a place\n"
             "  autobus-record | jq -c 'select(.kind == \"fired\")'\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matched, 4 timeout,\n"
             "130 interrupted.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    record_request *self = verb;
    if (key != 'o') {
        return key;
    }
    self->file = strcmp(options->value, "-") == 0 ? NULL : options->value;
    return 0;
}

static int words(void *verb, tool_options *options)
{
    record_request *self = verb;
    tool_target *target = &self->asked.target;
    if (tool_target_word(target, options, false) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    return tool_request_no_more(options, target->choice.id != NULL ? "-s" : "TYPE");
}

bool record_request_init(record_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &record_command, .take = take, .words = words};
    *self = (record_request){0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void record_request_fini(record_request *self)
{
    tool_request_fini(&self->asked);
}
