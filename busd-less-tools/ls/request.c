/* SPDX-License-Identifier: MIT
 * The options of autobus-ls, in the order in which --help shows them. */
#include "ls/request.h"

enum {
    OPTION_TREE = TOOL_LONG_ONLY,
};

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    {'s', "service", "ID", "only the service of this id"},
    {'w', "watch", NULL, "go on, and show who comes and goes until interrupted"},
    {'l', "long", NULL, "show everything: id, all locations, the whole info"},
    {'m', "members", NULL, "with their functions, objects and events; this asks\nevery bus"},
    {OPTION_TREE, "tree", NULL, "machines, their services, and what these have"},
    TOOL_ROW_ALL,
    {TOOL_OPTION_ANY, "any", NULL, "where several match: one of them"},
    TOOL_ROW_EACH("all that match, as without it"),
    TOOL_ROW_COUNT("at most so many; with --watch: end after so many\nchanges"),
    TOOL_ROW_TIMEOUT("wait at most so long for answers [1];\n"
                     "with --watch: end after so long"),
    TOOL_ROW_JSON("one JSON object a line"),
    {0, NULL, NULL, NULL},
};

const tool_command ls_command = {
    .usage = "[TYPE] [-k CONDITION]... [OPTION]...",
    .about = "Lists the services on the network. TYPE may be a glob, such as 'lamp*',\n"
             "or a place: HOST:PORT/ID, or HOST:PORT for what a bus has, without discovery.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-ls                          what is there\n"
             "  autobus-ls lamp -k room=kitchen     the lamps of the kitchen\n"
             "  autobus-ls -l -s lamp-1             everything about one service\n"
             "  autobus-ls --tree                   who has what, machine by machine\n"
             "  autobus-ls -w                       who comes and goes\n"
             "  autobus-ls -j | jq -r .host         for scripts\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matches, 4 timeout, 5 the bus\n"
             "does not tell, 6 denied, 7 incompatible peer, 130 interrupted.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    (void)options;
    ls_request *self = verb;
    switch (key) {
    case 'w': self->watches = true; return 0;
    case 'l': self->form = LS_LONG; return 0;
    case 'm': self->with_members = true; return 0;
    case OPTION_TREE:
        self->form = LS_TREE;
        self->with_members = true;
        return 0;
    default: return key;
    }
}

static int words(void *verb, tool_options *options)
{
    ls_request *self = verb;
    tool_target *target = &self->asked.target;
    if (self->watches && self->with_members) {
        return tool_options_reject(options,
                                   "--watch tells who comes and goes, not what they have: "
                                   "leave out --%s",
                                   self->form == LS_TREE ? "tree" : "members");
    }
    if (tool_target_word(target, options, false) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    if (tool_target_is_place(target) && self->watches) {
        return tool_options_reject(options, "--watch looks at the network, not at a place: leave "
                                            "out one of them");
    }
    const char *more = tool_options_word(options);
    if (more != NULL && target->choice.type != NULL) {
        return tool_options_reject(
            options, "one TYPE at most, but '%s' and '%s' are given; quote a glob: 'lamp*'",
            target->choice.type, more);
    }
    return more == NULL
               ? 0
               : tool_options_reject(options, "'%s' is too much: -s tells which service", more);
}

bool ls_request_init(ls_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &ls_command, .take = take, .words = words};
    *self = (ls_request){0};
    bool has_work = tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
    self->form = self->asked.wants_json ? LS_JSON : self->form;
    return has_work;
}

void ls_request_fini(ls_request *self)
{
    tool_request_fini(&self->asked);
}
