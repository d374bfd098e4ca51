/* SPDX-License-Identifier: MIT
 * The verbs of the shell: those of the other tools, and a few of its own. */
#ifndef SHELL_VERBS_H
#define SHELL_VERBS_H

#include <stddef.h>

#include "tool/verb.h"
#include "tool/words.h"

struct shell;

typedef struct shell_verb {
    const char *name;
    const char *usage; /**< the words behind it */
    const char *about;
    const tool_verb *tool; /**< NULL: its own, and `act` does it */
    tool_exit (*act)(struct shell *shell, const tool_words *words);
} shell_verb;

/** All of them; the last one has no name. */
extern const shell_verb shell_verbs[];

/** The verb that words begin with, as `call`, `autobus-call` or `autobus call`; *ret_before says how many words that
 *  takes. NULL: there is none. */
const shell_verb *shell_verb_of(const tool_words *words, size_t *ret_before);

#endif
