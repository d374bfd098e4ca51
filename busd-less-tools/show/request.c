/* SPDX-License-Identifier: MIT
 * The command line of autobus-show. */
#include "show/request.h"

#include <string.h>

enum {
    OPTION_NAMES = TOOL_LONG_ONLY,
};

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_ANY,
    TOOL_ROW_EACH("where several match: show all of them"),
    TOOL_ROW_WAIT,
    TOOL_ROW_TIMEOUT("be done within so long [5]"),
    TOOL_ROW_JSON("one JSON object a line"),
    {OPTION_NAMES, "names", "KIND",
     "the names alone, one a line: of functions, events,\n"
     "objects or channels"},
    {0, NULL, NULL, NULL},
};

const tool_command show_command = {
    .usage = "TYPE [OPTION]...",
    .about = "Shows what a service has: its functions, events, objects with their values of\n"
             "now, and channels, with their documentation, and lines to try. TYPE may be a\n"
             "glob, or a place: HOST:PORT/ID, or HOST:PORT for all services of a bus.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-show lamp                   what a lamp can do\n"
             "  autobus-show lamp -k room=kitchen   that of the kitchen\n"
             "  autobus-show --each lamp            all lamps\n"
             "  autobus-show -j lamp | jq .objects  for scripts\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matches, 4 timeout,\n"
             "5 the bus does not tell, 6 denied, 7 incompatible peer, 8 several match,\n"
             "130 interrupted.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    static const char *const kinds[] = {"functions", "events", "objects", "channels"};
    show_request *self = verb;
    if (key != OPTION_NAMES) {
        return key;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(options->value, kinds[i]) == 0) {
            self->names = kinds[i];
            return 0;
        }
    }
    return tool_options_reject(
        options, "--names is functions, events, objects or channels, not '%s'", options->value);
}

static int words(void *verb, tool_options *options)
{
    show_request *self = verb;
    if (tool_target_word(&self->asked.target, options, true) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    return tool_request_no_more(options, "the service");
}

bool show_request_init(show_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &show_command, .take = take, .words = words};
    *self = (show_request){0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void show_request_fini(show_request *self)
{
    tool_request_fini(&self->asked);
}
