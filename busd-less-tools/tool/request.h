/* SPDX-License-Identifier: MIT
 * A request: what every verb can be asked for, read from its command line. A verb adds options and words of its own
 * by two functions. It starts nothing. */
#ifndef TOOL_REQUEST_H
#define TOOL_REQUEST_H

#include <stdbool.h>

#include "tool/desk.h"
#include "tool/exit.h"
#include "tool/family.h"
#include "tool/options.h"
#include "tool/paper.h"
#include "tool/target.h"

typedef struct tool_request {
    tool_family family;
    tool_target target;
    tool_paper paper;
    int limit_ms; /**< -t; 0: not given */
    long count;   /**< -n; 0: not given */
    bool wants_json;
    tool_desk *desk; /**< borrowed; NULL: the verb is a program of its own */
} tool_request;

/* Rows for the table of a verb that has them. */
#define TOOL_ROW_TIMEOUT(help)          \
    {                                   \
        't', "timeout", "SECONDS", help \
    }
#define TOOL_ROW_COUNT(help)         \
    {                                \
        'n', "count", "NUMBER", help \
    }
#define TOOL_ROW_JSON(help)     \
    {                           \
        'j', "json", NULL, help \
    }

/** What a verb reads itself. */
typedef struct tool_reader {
    const tool_command *command;
    /** Takes an option of its own as tool_family_take() does; NULL: it has none. */
    int (*take)(void *verb, tool_options *options, int key);
    /** Takes the words, by tool_target_word() and tool_options_word(). 0 or TOOL_OPTION_MISTAKE. */
    int (*words)(void *verb, tool_options *options);
} tool_reader;

/** Reads the command line; `verb` is handed to the reader's functions. True if there is work to do; else *ret_exit is
 *  how to end, and --help, --version or a sentence on what is wrong has been printed. tool_request_fini() in either
 *  case. `self` is zero but for the defaults of the verb. */
bool tool_request_init(tool_request *self, const tool_reader *reader, void *verb, int argc,
                       char **argv, tool_exit *ret_exit);
void tool_request_fini(tool_request *self);

/** Rejects a further word, if there is one, by what the words before it were. */
int tool_request_no_more(tool_options *options, const char *behind);

#endif
