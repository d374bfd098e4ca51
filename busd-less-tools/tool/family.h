/* SPDX-License-Identifier: MIT
 * The options that every tool has: which network to speak on, and how to talk to the person. */
#ifndef TOOL_FAMILY_H
#define TOOL_FAMILY_H

#include <stdbool.h>

#include <autobus/bus.h>

#include "tool/options.h"
#include "tool/paper.h"
#include "tool/words.h"

typedef struct tool_family {
    const char *interfaces; /**< as given on the command line; NULL: not given */
    const char *peers;
    const char *discovery;
    long port;     /**< 0: not given */
    long tcp_port; /**< of the bus; 0: any free one */
    int verbosity;
    bool is_quiet;
    bool wants_help, wants_version;
    tool_colour colour;
} tool_family;

/** The rows to give to tool_options_start(). */
extern const tool_option tool_family_options[];

/* A further row, for the table of a verb that publishes. */
enum {
    TOOL_KEY_TCP_PORT = TOOL_LONG_ONLY + 999
};
#define TOOL_ROW_TCP_PORT                                                                          \
    {                                                                                              \
        TOOL_KEY_TCP_PORT, "tcp-port", "PORT", "the TCP port that it is reached at [any free one]" \
    }

/** Takes `key`, just returned by tool_options_next(), if it is one of the family's. 0 if it was taken,
 *  TOOL_OPTION_MISTAKE if its value is wrong, and `key` itself if it is none of the family's. */
int tool_family_take(tool_family *self, tool_options *options, int key);

/** Answers --help or --version on standard output; true if one was wanted. */
bool tool_family_answer(const tool_family *self, const tool_options *options);

/** True if one of the options is about which network to speak on, and how. */
bool tool_family_is_elsewhere(const tool_family *self);

/** The same as words of a command line, added to those that there are. */
void tool_family_say(const tool_family *self, tool_words *words);

/** The UDP port that discovery uses: as given, else the environment's, else the default. */
long tool_family_port(const tool_family *self);

/** Starts a bus as the family's options say; with `dispatch` its callbacks wait for autobus_bus_dispatch().
 *  Call it before the first other use of the library: it sets how much the library logs. */
autobus_result tool_family_bus(const tool_family *self, bool dispatch, autobus_bus **ret_bus);

/** One sentence on standard error on how things stand, behind the program's name; nothing with -q. */
void tool_family_note(const tool_family *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** One line on standard error for a person to consider; nothing with -q. */
void tool_family_hint(const tool_family *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
