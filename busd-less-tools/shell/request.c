/* SPDX-License-Identifier: MIT
 * The command line of autobus-shell. */
#include "shell/request.h"

#include <stddef.h>

static const tool_option own_options[] = {
    {'e', "errexit", NULL, "end with the first command that fails, and its code"},
    {0, NULL, NULL, NULL},
};

static const tool_command command = {
    .usage = "[FILE] [OPTION]...",
    .about = "A shell on the network: its verbs are those of autobus-ls and all the other\n"
             "tools, with the same options and words. It listens for as long as it lives, so\n"
             "ls, show, call, watch, listen and chat need not look around first; the others\n"
             "are started as programs. Tab completes verbs, options, types, ids, members and\n"
             "parameters as they are there at this moment. A watch, a listen or a program\n"
             "that ends in & goes on in the background. Without a terminal it reads commands\n"
             "from FILE or standard input, one a line.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-shell                                    type, and press Tab\n"
             "  echo 'call lamp set on=true' | autobus-shell     one command\n"
             "  autobus-shell -e evening.txt                     commands of a file\n"
             "\n"
             "Exit codes: 0 done; 1 failed; 2 usage; 3 nothing matches; 4 timeout; 5 the\n"
             "service failed; 6 denied; 7 incompatible peer; 8 several match; 130 interrupted.\n"
             "That of the last command, or with -e of the first that failed. A shell on a\n"
             "terminal that is left by Ctrl-D is done, whatever its last command came to.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    shell_request *self = verb;
    (void)options;
    self->is_strict = self->is_strict || key == 'e';
    return key == 'e' ? 0 : key;
}

static int words(void *verb, tool_options *options)
{
    shell_request *self = verb;
    self->file = tool_options_word(options);
    return self->file == NULL ? 0 : tool_request_no_more(options, "the file");
}

bool shell_request_init(shell_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &command, .take = take, .words = words};
    *self = (shell_request){0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void shell_request_fini(shell_request *self)
{
    tool_request_fini(&self->asked);
}
