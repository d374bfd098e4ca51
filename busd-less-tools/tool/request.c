/* SPDX-License-Identifier: MIT
 * Reading a command line: the verb's own options first, then those of all. */
#include "tool/request.h"

#include "tool/start.h"

enum {
    MOST_COUNT = 1000000000
};

static int take_timeout(tool_request *self, tool_options *options)
{
    if (!tool_options_seconds(options->value, &self->limit_ms)) {
        return tool_options_reject(options, "-t takes seconds, such as 0.5 or 3, not '%s'",
                                   options->value);
    }
    return 0;
}

static int take_count(tool_request *self, tool_options *options)
{
    if (!tool_options_whole(options->value, 1, MOST_COUNT, &self->count)) {
        return tool_options_reject(options, "-n is a number from 1 to %d, not '%s'", MOST_COUNT,
                                   options->value);
    }
    return 0;
}

static int take_option(tool_request *self, tool_options *options, int key)
{
    switch (key) {
    case 't': return take_timeout(self, options);
    case 'n': return take_count(self, options);
    case 'j': self->wants_json = true; return 0;
    default: break;
    }
    int left = tool_target_take(&self->target, options, key);
    return left == key ? tool_family_take(&self->family, options, key) : left;
}

static int read_line(tool_request *self, const tool_reader *reader, void *verb,
                     tool_options *options)
{
    int key;
    while ((key = tool_options_next(options)) != TOOL_OPTION_END) {
        int left = key;
        if (key != TOOL_OPTION_MISTAKE && reader->take != NULL) {
            left = reader->take(verb, options, key);
        }
        if (left == key && key != TOOL_OPTION_MISTAKE) {
            left = take_option(self, options, key);
        }
        if (left != 0) {
            return TOOL_OPTION_MISTAKE;
        }
        if (self->family.wants_help || self->family.wants_version) {
            return 0; /* whatever else is on the line */
        }
    }
    return reader->words(verb, options);
}

bool tool_request_init(tool_request *self, const tool_reader *reader, void *verb, int argc,
                       char **argv, tool_exit *ret_exit)
{
    tool_options options;
    tool_options_start(&options, reader->command, tool_family_options, argc, argv);
    if (read_line(self, reader, verb, &options) != 0) {
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

void tool_request_fini(tool_request *self)
{
    tool_target_fini(&self->target);
}

int tool_request_no_more(tool_options *options, const char *behind)
{
    const char *more = tool_options_word(options);
    return more == NULL
               ? 0
               : tool_options_reject(options, "'%s' is one word too many behind %s", more, behind);
}
