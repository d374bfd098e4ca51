/* SPDX-License-Identifier: MIT
 * Signals as something to poll: what ends a tool, stops it for a while, or changes its terminal. */
#ifndef TOOL_SIGNALS_H
#define TOOL_SIGNALS_H

/** From here on the signals that concern a tool wait to be read; a signal that is ignored already (nohup, a
 *  job in the background) stays so. Call it before a thread is started. A descriptor to poll, or -1. */
int tool_signals_open(void);

/** The next signal that waits; 0 if none does. */
int tool_signals_next(int fd);

/** Stops this process as Ctrl-Z does; returns when it goes on. */
void tool_signals_pause(void);

#endif
