/* SPDX-License-Identifier: MIT
 * How every tool begins and ends: the first and the last thing main() does, and what it says when something
 * is wrong. */
#ifndef TOOL_START_H
#define TOOL_START_H

#include <stdbool.h>

#include "tool/exit.h"

/** To be called first: character set, closed standard streams, a reader that goes away. */
void tool_start(void);

/** Says one sentence on standard error, behind the program's name. Control characters are made harmless. */
void tool_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Says what the library's last failure was; returns the code for `result`. */
tool_exit tool_complain_of(autobus_result result);

/** True once whoever read standard output has closed it. */
bool tool_reader_is_gone(void);

/** Pushes out what was printed. Whether that could be written; if not, tool_finish() says why. */
bool tool_flush(void);

/** To be called last: pushes out what was printed. `wanted`, or TOOL_FAILED with a sentence if the output
 *  could not be written; a reader that has seen enough is no failure. */
tool_exit tool_finish(tool_exit wanted);

#endif
