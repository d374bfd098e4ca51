/* SPDX-License-Identifier: MIT
 * Jobs: what is followed, or works as a program, in the background beside whatever the shell does. */
#ifndef SHELL_JOBS_H
#define SHELL_JOBS_H

#include <stdint.h>

#include "tool/desk.h"
#include "tool/exit.h"
#include "tool/family.h"
#include "tool/verb.h"
#include "tool/words.h"

typedef struct shell_job shell_job;

typedef struct shell_jobs {
    shell_job **list; /**< owned, as is what is in it */
    size_t count;
    int wakes; /**< ready when they are to be tended at once, apart from the bus; -1: never */
    const tool_family *family; /**< how to talk to the person; borrowed */
    tool_exit code;            /**< of the first one that failed, since this was cleared */
    int64_t next_ms;           /**< when they want to be tended, as far as the last time told */
} shell_jobs;

void shell_jobs_init(shell_jobs *self, const tool_family *family);
/** Ends all of them, and with them the programs. */
void shell_jobs_fini(shell_jobs *self);

/** Begins one of these words. Once it is said which of its names are not there, or a program has said anything, it goes
 *  on by itself; how it ended is returned if it did so at once. */
tool_exit shell_jobs_start(shell_jobs *self, tool_desk *desk, const tool_verb *verb,
                           const tool_words *words);

/** Does what is due and drops those that are over, saying so. If any was, they want to be tended again at once. */
void shell_jobs_tend(shell_jobs *self);

/** Lists them on standard output. */
void shell_jobs_print(const shell_jobs *self);

/** Ends the one of that number; false if there is none. */
bool shell_jobs_stop(shell_jobs *self, long number);

#endif
