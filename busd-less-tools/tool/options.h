/* SPDX-License-Identifier: MIT
 * Options of a command line: one table from which getopt_long is fed, --help is printed and mistakes are
 * explained. It knows how options are written, not what any of them does. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** The largest number of options a tool has, the family's included. */
#define TOOL_OPTIONS_MOST 32

/** Keys of options without a short letter start here. */
#define TOOL_LONG_ONLY 256

typedef struct tool_option {
    int key;           /**< the short letter, or TOOL_LONG_ONLY and above */
    const char *name;  /**< the long one */
    const char *value; /**< what follows it, as --help calls it; NULL: nothing */
    const char *help;  /**< what it does; a line feed starts a further line */
} tool_option;

typedef struct tool_command {
    const char *usage;          /**< the words behind the program's name */
    const char *about;          /**< what it does, a line or two */
    const tool_option *options; /**< its own; ends with a key of 0 */
    const char *after;          /**< examples and exit codes, printed at the end of --help */
} tool_command;

/** A walk over one command line. Owned by the caller; there is one at a time, as with getopt itself. */
typedef struct tool_options {
    const tool_command *command;
    const tool_option *known[TOOL_OPTIONS_MOST];
    size_t count;
    struct option longs[TOOL_OPTIONS_MOST + 1];
    char shorts[2 * TOOL_OPTIONS_MOST + 2];
    int argc;
    char **argv;
    const char *value; /**< of the option that was returned last */
    char mistake[256]; /**< one sentence, after TOOL_OPTION_MISTAKE */
} tool_options;

enum {
    TOOL_OPTION_END = -1,
    TOOL_OPTION_MISTAKE = '?'
};

/** Starts a walk over the options of `command`, followed by those of `family` (ends with a key of 0). */
void tool_options_start(tool_options *self, const tool_command *command, const tool_option *family,
                        int argc, char **argv);

/** The key of the next option, TOOL_OPTION_END behind the last, or TOOL_OPTION_MISTAKE. */
int tool_options_next(tool_options *self);

/** The next word that is no option, after TOOL_OPTION_END; NULL behind the last. */
const char *tool_options_word(tool_options *self);

/** Writes a sentence into self->mistake; returns TOOL_OPTION_MISTAKE. */
int tool_options_reject(tool_options *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Prints --help. */
void tool_options_help(const tool_options *self, FILE *out);

/** The seconds that `text` says (0.001 to 1,000,000, fractions allowed) as milliseconds; false if it says none. */
bool tool_options_seconds(const char *text, int *ret_ms);

/** The whole number that `text` says, from `least` to `most`; false if it says none. */
bool tool_options_whole(const char *text, long least, long most, long *ret_number);

#endif
