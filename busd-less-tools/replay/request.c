/* SPDX-License-Identifier: MIT
 * The command line of autobus-replay. */
#include "replay/request.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_SPEED = TOOL_LONG_ONLY,
    OPTION_GAP,
    OPTION_LOOP,
    OPTION_NEW_IDS
};

static const tool_option own_options[] = {
    {OPTION_SPEED, "speed", "FACTOR",
     "2 is twice as fast as it was, 0.5 half as fast;\n"
     "max as fast as it goes"},
    {OPTION_GAP, "gap", "SECONDS", "wait at most so long for what comes next"},
    {OPTION_LOOP, "loop", NULL, "begin again at its end"},
    {OPTION_NEW_IDS, "new-ids", NULL, "under new ids, beside those that were recorded"},
    TOOL_ROW_TCP_PORT,
    TOOL_ROW_TIMEOUT("end after so long"),
    {0, NULL, NULL, NULL},
};

const tool_command replay_command = {
    .usage = "[FILE] [OPTION]...",
    .about = "Plays back what autobus-record has recorded: the services come and go, their\n"
             "objects change and their events are fired as they did. Their functions and\n"
             "channels are not there. Without FILE, or if it is -, standard input is read.",
    .options = own_options,
    .after = "Examples:\n"
             "  autobus-replay house.zst                as it was\n"
             "  autobus-replay house.zst --speed 10 --gap 1\n"
             "  autobus-replay --loop lamps.jsonl       again and again\n"
             "\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.\n",
};

static int take_speed(replay_request *self, tool_options *options)
{
    char *end;
    bool is_plain = strspn(options->value, "0123456789.") == strlen(options->value);
    self->speed = strtod(options->value, &end);
    if (strcmp(options->value, "max") == 0) {
        self->speed = 0;
        return 0;
    }
    if (!is_plain || end == options->value || *end != '\0' || self->speed < 0.001 ||
        self->speed > 1e6) {
        return tool_options_reject(
            options, "--speed is a factor such as 2 or 0.5, or max, not '%s'", options->value);
    }
    return 0;
}

static int take_gap(replay_request *self, tool_options *options)
{
    return tool_options_seconds(options->value, &self->most_ms)
               ? 0
               : tool_options_reject(options, "--gap takes seconds, such as 0.5 or 3, not '%s'",
                                     options->value);
}

static int take(void *verb, tool_options *options, int key)
{
    replay_request *self = verb;
    switch (key) {
    case OPTION_SPEED: return take_speed(self, options);
    case OPTION_GAP: return take_gap(self, options);
    case OPTION_LOOP: self->loops = true; return 0;
    case OPTION_NEW_IDS: self->takes_new_ids = true; return 0;
    default: return key;
    }
}

static int words(void *verb, tool_options *options)
{
    replay_request *self = verb;
    self->file = tool_options_word(options);
    if (self->file != NULL && strcmp(self->file, "-") == 0) {
        self->file = NULL;
    } else if (self->file == NULL && isatty(STDIN_FILENO) == 1) {
        return tool_options_reject(options, "say which FILE; autobus-record makes one");
    }
    return tool_request_no_more(options, "FILE");
}

bool replay_request_init(replay_request *self, int argc, char **argv, tool_exit *ret_exit)
{
    static const tool_reader reader = {.command = &replay_command, .take = take, .words = words};
    *self = (replay_request){.speed = 1, .most_ms = -1};
    return tool_request_init(&self->asked, &reader, self, argc, argv, ret_exit);
}

void replay_request_fini(replay_request *self)
{
    tool_request_fini(&self->asked);
}
