/* SPDX-License-Identifier: MIT
 * A verb: what makes a program of it, and what a shell has to know to run it and to complete its words. */
#ifndef TOOL_VERB_H
#define TOOL_VERB_H

#include <stdbool.h>

#include "tool/desk.h"
#include "tool/exit.h"
#include "tool/options.h"

enum {
    TOOL_OPERANDS_MOST = 2
};

typedef struct tool_verb {
    const char *name;
    const tool_command *command;
    /** All of it, from the command line to the exit code; `desk` NULL: in a program of its own. NULL: it is only ever
     *  that. */
    tool_exit (*run)(int argc, char **argv, tool_desk *desk);
    const char *
        members; /**< "functions", say: what the words behind the service name; NULL: nothing of it */
    bool follows; /**< it goes on until interrupted, and could do so beside others: a tool_follow */
    /** Of what is only ever a program: what its words are, as --help calls them; NULL: nobody can tell. */
    const char *operands[TOOL_OPERANDS_MOST];
} tool_verb;

/** main() of a program that is this verb alone. */
int tool_verb_main(const tool_verb *verb, int argc, char **argv);

#endif
