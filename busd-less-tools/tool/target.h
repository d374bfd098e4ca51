/* SPDX-License-Identifier: MIT
 * A target: which service, or services, a command line means: a choice, or a place in place of TYPE; and what to
 * do where several match. */
#ifndef TOOL_TARGET_H
#define TOOL_TARGET_H

#include <stdbool.h>

#include "tool/choice.h"
#include "tool/options.h"
#include "tool/place.h"

typedef struct tool_target {
    tool_choice choice;
    tool_place place; /**< its text NULL: none was typed */
    bool takes_any;   /**< whichever comes first */
    bool takes_each;  /**< all that match */
    bool waits;       /**< until there is one */
} tool_target;

enum {
    TOOL_OPTION_ANY = TOOL_LONG_ONLY + 900,
    TOOL_OPTION_EACH,
    TOOL_OPTION_WAIT,
};

/* Rows for the table of a verb that has them. */
#define TOOL_ROW_KEY                                             \
    {                                                            \
        'k', "key", "CONDITION",                                 \
            "only services whose info fits it: KEY=VALUE,\n"     \
            "KEY!=VALUE, KEY (is there), !KEY (is not there);\n" \
            "VALUE may be a glob; repeat it for more"            \
    }
#define TOOL_ROW_SERVICE                                                 \
    {                                                                    \
        's', "service", "ID", "the service of this id, in place of TYPE" \
    }
#define TOOL_ROW_ALL                                                    \
    {                                                                   \
        'a', "all", NULL, "with the library's own services (autobus.*)" \
    }
#define TOOL_ROW_ANY                                                               \
    {                                                                              \
        TOOL_OPTION_ANY, "any", NULL, "where several match: whichever comes first" \
    }
#define TOOL_ROW_EACH(help)                  \
    {                                        \
        TOOL_OPTION_EACH, "each", NULL, help \
    }
#define TOOL_ROW_WAIT                                                                      \
    {                                                                                      \
        TOOL_OPTION_WAIT, "wait", NULL, "where nothing matches: wait until something does" \
    }

/** Takes `key` as tool_family_take() does. */
int tool_target_take(tool_target *self, tool_options *options, int key);

/** Takes the word that stands for TYPE off the line, unless -s stands in its place; without one it rejects, if the
 *  verb needs one. 0 or TOOL_OPTION_MISTAKE. */
int tool_target_word(tool_target *self, tool_options *options, bool is_needed);

void tool_target_fini(tool_target *self);

/** True if it is a place. */
bool tool_target_is_place(const tool_target *self);

/** It as one types it behind a verb, quoted for a shell. free() it. */
char *tool_target_typed(const tool_target *self);

/** It in a sentence: "'lamp' with room=kitchen", or the place. free() it. */
char *tool_target_words(const tool_target *self);

#endif
