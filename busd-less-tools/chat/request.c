/* SPDX-License-Identifier: MIT
 * The command line of autobus-chat. */
#include "chat/request.h"

#include <stddef.h>

enum {
    OPTION_STREAM = TOOL_LONG_ONLY,
    OPTION_STAY,
};

static const tool_option own_options[] = {
    TOOL_ROW_KEY,
    TOOL_ROW_SERVICE,
    TOOL_ROW_ALL,
    TOOL_ROW_ANY,
    TOOL_ROW_WAIT,
    {OPTION_STREAM, "stream", NULL, "it is a stream: bytes as they are, both ways"},
    {OPTION_STAY, "stay", NULL,
     "go on after the end of standard input, until the\nother side closes"},
    TOOL_ROW_COUNT("end after so many messages have come"),
    TOOL_ROW_JSON("lines of JSON, as without it"),
    TOOL_ROW_TIMEOUT("end after so long"),
    {0, NULL, NULL, NULL},
};

const tool_command chat_command = {
    .usage = "TYPE CHANNEL [ARGUMENT] [OPTION]...",
    .about = "Talks on a channel of a service: each line of standard input is a message, JSON\n"
             "if it reads so, else text; each message that comes is a line of JSON. The end of\n"
             "the input closes the channel. The service may look at the ARGUMENT. TYPE may be\n"
             "a glob, or a place: HOST:PORT/ID.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-chat chat talk                       type, and read\n"
             "  echo '{\"q\": 5}' | autobus-chat solver ask -n 1   one answer\n"
             "  autobus-chat --stream store put < photo.jpg  bytes\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 no such service or channel,\n"
             "4 timeout, 5 the service refused, 6 denied, 7 incompatible peer,\n"
             "8 several match, 130 interrupted.\n",
};

static int take(void *verb, tool_options *options, int key)
{
    (void)options;
    chat_request *self = verb;
    switch (key) {
    case OPTION_STREAM: self->is_stream = true; return 0;
    case OPTION_STAY: self->stays = true; return 0;
    default: return key;
    }
}

static int words(void *verb, tool_options *options)
{
    chat_request *self = verb;
    if (tool_target_word(&self->asked.target, options, true) != 0) {
        return TOOL_OPTION_MISTAKE;
    }
    self->channel = tool_options_word(options);
    if (self->channel == NULL || *self->channel == '\0') {
        return tool_options_reject(options, "say which channel; autobus-show tells what there is");
    }
    if (self->is_stream && self->asked.count > 0) {
        return tool_options_reject(options, "-n counts messages, and a stream has none");
    }
    if (self->is_stream && self->asked.wants_json) {
        return tool_options_reject(options, "-j wants JSON, and a stream is bytes");
    }
    self->argument = tool_options_word(options);
    return tool_request_no_more(options, "the channel and its argument");
}

bool chat_request_init(chat_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &chat_command, .take = take, .words = words};
    *self = (chat_request){0};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void chat_request_fini(chat_request *self)
{
    tool_request_fini(&self->asked);
}
