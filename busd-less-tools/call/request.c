/* SPDX-License-Identifier: MIT
 * The command line of autobus-call. */
#include "call/request.h"

#include <stdlib.h>
#include <string.h>

#include "tool/text.h"

enum {
    OPTION_NO_REPLY = TOOL_LONG_ONLY,
};

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_ANY,
    TOOL_ROW_EACH("where several match: call all of them"),
    TOOL_ROW_WAIT,
    TOOL_ROW_TIMEOUT("be done within so long [10]"),
    TOOL_ROW_JSON("the result on one line, on a terminal too; with\n"
                  "--each: one object a line"),
    {OPTION_NO_REPLY, "no-reply", NULL, "send the call and do not wait for a result"},
    {0, NULL, NULL, NULL},
};

const tool_command call_command = {
    .usage = "TYPE FUNCTION [ARGUMENT]... [OPTION]...",
    .about = "Calls a function of a service and prints its result as JSON. TYPE may be a\n"
             "glob, or a place: HOST:PORT/ID, or HOST:PORT for the bus itself. An ARGUMENT\n"
             "is NAME=VALUE where the function says what it takes, or just a value: JSON if\n"
             "it reads so, else text. A single - reads them from standard input as JSON.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-call lamp set on=true level=40\n"
             "  autobus-call lamp set true 40           the same\n"
             "  echo '{\"on\":true}' | autobus-call lamp set -\n"
             "  autobus-call --each lamp turn_off       every lamp\n"
             "  autobus-show lamp                       what there is to call\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 no such service or function,\n"
             "4 timeout, 5 the service refused or failed, 6 denied, 7 incompatible peer,\n"
             "8 several match, 130 interrupted.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    (void)options;
    call_request *self = verb;
    if (key != OPTION_NO_REPLY) {
        return key;
    }
    self->wants_no_reply = true;
    return 0;
}

static int words(void *verb, tool_options *options)
{
    call_request *self = verb;
    if (tool_target_word(&self->asked.target, options, true) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    self->function = tool_options_word(options);
    if (self->function == NULL || *self->function == '\0') {
        return tool_options_reject(options, "say which function; autobus-show tells what there is");
    }
    const char **list = tool_text_checked(calloc((size_t)options->argc, sizeof *list));
    for (const char *word; (word = tool_options_word(options)) != NULL;) {
        list[self->word_count++] = word;
        self->reads_input = self->reads_input || strcmp(word, "-") == 0;
    }
    self->words = list;
    if (self->reads_input && self->word_count > 1) {
        return tool_options_reject(options,
                                   "- stands for all arguments, so it stands alone; as text "
                                   "it is '\"-\"'");
    }
    return 0;
}

/* A negative number is no option. JSON does not mind the blank that tells them apart. */
static void shield_numbers(call_request *self, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (*word == '-' && word[1] >= '0' && word[1] <= '9') {
            tool_words_add(&self->shielded, tool_text_format(" %s", word));
            argv[i] = self->shielded.list[self->shielded.count - 1];
        }
    }
}

bool call_request_init(call_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &call_command, .take = take, .words = words};
    *self = (call_request){0};
    shield_numbers(self, argc, argv);
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void call_request_fini(call_request *self)
{
    free(self->words);
    tool_words_fini(&self->shielded);
    tool_request_fini(&self->asked);
}
