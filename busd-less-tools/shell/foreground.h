/* SPDX-License-Identifier: MIT
 * A foreground: a program that has the terminal to itself, while the bus and the jobs of the shell go on. */
#ifndef SHELL_FOREGROUND_H
#define SHELL_FOREGROUND_H

#include "shell/jobs.h"
#include "tool/desk.h"
#include "tool/exit.h"
#include "tool/verb.h"
#include "tool/words.h"

/** Starts it and waits for its end; its code. Ctrl-C is for the program, as is what ends the shell; the terminal is
 *  left as it was. Where commands come from standard input, the program's is empty. */
tool_exit shell_foreground_run(shell_jobs *jobs, tool_desk *desk, const tool_verb *verb,
                               const tool_words *words);

#endif
