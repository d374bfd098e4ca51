/* SPDX-License-Identifier: MIT
 * A program: a verb at work as a process of its own, from its start to its exit code. It knows how such a one is found,
 * begun and waited for, not what is done meanwhile. */
#ifndef SHELL_PROGRAM_H
#define SHELL_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "tool/exit.h"
#include "tool/family.h"
#include "tool/verb.h"
#include "tool/words.h"

typedef struct shell_program {
    const char *name; /**< of the verb */
    pid_t pid;
    int end;        /**< a descriptor that is ready once it has ended; -1: that has been seen */
    bool is_apart;  /**< it has a process group of its own */
    tool_exit code; /**< once it has ended; that of a signal is as in other shells */
} shell_program;

/** Starts the program of a verb, as `autobus VERB` finds it, with `fds` as its standard streams and on the network that
 *  `family` means unless its words say otherwise. False if it cannot be; that has been told. */
bool shell_program_start(shell_program *self, const tool_verb *verb, const tool_words *words,
                         const tool_family *family, const int fds[3], bool is_apart);

/** Sends it a signal, and lets it go on if it was stopped; nothing if it has ended. */
void shell_program_signal(const shell_program *self, int number);

/** Looks whether it has ended; then `code` is there, and how a signal has ended it has been told. */
bool shell_program_has_ended(shell_program *self);

/** Ends it with SIGKILL. */
void shell_program_kill(shell_program *self);

#endif
