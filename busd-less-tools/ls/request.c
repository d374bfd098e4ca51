/* SPDX-License-Identifier: MIT
 * The options of autobus-ls, in the order in which --help shows them. */
#include "ls/request.h"

#include <string.h>

#include "tool/start.h"

static const tool_option own_options[] = {
    {'k', "key", "CONDITION",
     "only services whose info fits it: KEY=VALUE,\n"
     "KEY!=VALUE, KEY (is there), !KEY (is not there);\n"
     "VALUE may be a glob; repeat it for more"},
    {'w', "watch", NULL, "go on, and show who comes and goes until interrupted"},
    {'l', "long", NULL, "show everything: id, all locations, the whole info"},
    {'a', "all", NULL, "with the library's own services (autobus.*)"},
    {'t', "timeout", "SECONDS",
     "wait at most so long for answers [1];\n"
     "with --watch: end after so long"},
    {'j', "json", NULL, "one JSON object a line"},
    {0, NULL, NULL, NULL},
};

static const tool_command command = {
    .usage = "[TYPE] [-k CONDITION]... [OPTION]...",
    .about = "Lists the services on the network. TYPE may be a glob, such as 'lamp*'.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-ls                          what is there\n"
             "  autobus-ls lamp -k room=kitchen     the lamps of the kitchen\n"
             "  autobus-ls -w                       who comes and goes\n"
             "  autobus-ls -j | jq -r .host         for scripts\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing matches, 130 interrupted.\n",
};

static int take_timeout(ls_request *self, tool_options *options)
{
    if (!tool_options_seconds(options->value, &self->limit_ms)) {
        return tool_options_reject(options, "-t takes seconds, such as 0.5 or 3, not '%s'",
                                   options->value);
    }
    return 0;
}

static int take_condition(ls_request *self, tool_options *options)
{
    autobus_filter *trial = autobus_filter_new();
    autobus_result result = autobus_filter_add_text(trial, options->value);
    autobus_filter_free(&trial);
    if (result != AUTOBUS_OK) {
        return tool_options_reject(options, "-k %s: %s", options->value, autobus_last_error());
    }
    tool_choice_add(&self->choice, options->value);
    return 0;
}

static int take_option(ls_request *self, tool_options *options, int key)
{
    switch (key) {
    case 'k': return take_condition(self, options);
    case 't': return take_timeout(self, options);
    case 'w': self->watches = true; return 0;
    case 'a': self->choice.with_library = true; return 0;
    case 'j': self->form = LS_JSON; return 0;
    case 'l': self->form = self->form == LS_JSON ? LS_JSON : LS_LONG; return 0;
    default: return tool_family_take(&self->family, options, key);
    }
}

static int take_words(ls_request *self, tool_options *options)
{
    const char *type = tool_options_word(options);
    const char *more = tool_options_word(options);
    if (more != NULL) {
        return tool_options_reject(
            options, "one TYPE at most, but '%s' and '%s' are given; quote a glob: 'lamp*'", type,
            more);
    }
    if (type != NULL && *type == '\0') {
        return tool_options_reject(options, "TYPE is empty; leave it out to list every type");
    }
    if (type != NULL && strchr(type, '=') != NULL) {
        return tool_options_reject(options, "'%s' is no type; a condition is given as -k '%s'",
                                   type, type);
    }
    self->choice.type = type;
    return 0;
}

static int read_line(ls_request *self, tool_options *options)
{
    int key;
    while ((key = tool_options_next(options)) != TOOL_OPTION_END) {
        if (key == TOOL_OPTION_MISTAKE || take_option(self, options, key) != 0) {
            return TOOL_OPTION_MISTAKE;
        }
        if (self->family.wants_help || self->family.wants_version) {
            return 0; /* whatever else is on the line */
        }
    }
    return take_words(self, options);
}

bool ls_request_init(ls_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    tool_options options;
    *self = (ls_request){0};
    tool_options_start(&options, &command, tool_family_options, argc, argv);
    if (read_line(self, &options) != 0) {
        tool_complain("%s", options.mistake);
        *ret_exit = TOOL_USAGE;
        return false;
    }
    if (tool_family_answer(&self->family, &options)) {
        *ret_exit = TOOL_DONE;
        return false;
    }
    tool_paper_look(&self->paper, self->family.colour);
    return true;
}

void ls_request_fini(ls_request *self)
{
    tool_choice_fini(&self->choice);
}
