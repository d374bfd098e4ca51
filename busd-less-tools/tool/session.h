/* SPDX-License-Identifier: MIT
 * A session: a verb at work. A bus whose callbacks run here, in one loop together with the signals, the clock and the
 * reader of our output, so that nothing in a verb needs a lock and everything can be interrupted. */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/bus.h>

#include "tool/exit.h"
#include "tool/request.h"

/** A time that never comes. */
#define TOOL_NEVER INT64_MAX

typedef struct tool_session {
    const tool_request *request;
    autobus_bus *bus;
    int64_t began_ms; /**< when that bus began to listen */
    int signals;
    bool is_guest;      /**< the bus is the desk's */
    bool pauses_itself; /**< Ctrl-Z sets is_to_pause, and the verb does the rest */
    bool is_to_pause;
    bool is_resized; /**< the terminal was, since the verb cleared this */
    int input;       /**< a descriptor that wakes it when there is something to read; -1: none */
    bool input_is_ready; /**< there was in the last turn, or it has ended */
    bool is_mute; /**< it prints nothing, or does more than that: it goes on though nobody reads */
    bool goes_on_forever; /**< SIGTERM and SIGHUP are how it ends, and no interruption */
    bool is_over;
    tool_exit code; /**< how it ends, once it is over */
} tool_session;

/** Starts it, on a bus of its own, or as a guest at the request's desk unless the request is about another network. A
 *  failure has been told, and `code` is the exit code; tool_session_close() in either case. A place needs no
 *  discovery, and starts none unless --discovery asks for it. */
bool tool_session_open(tool_session *self, const tool_request *request);

/** Stops the bus; everything of it was freed before. Returns the exit code. */
tool_exit tool_session_close(tool_session *self);

/** When to give up waiting for what the network has not told yet: so long after the bus began to listen. One that has
 *  listened for longer knows, or will in a moment. */
int64_t tool_session_patience(const tool_session *self, int patience_ms);

/** True if the bus has listened for so long that all that is there is known: a listener hears of it at first. */
bool tool_session_knows_all(const tool_session *self);

/** Sleeps until there is news, at most until `until_ms` by tool_clock_ms(), and runs the callbacks. False once it is
 *  over: interrupted, ended from a callback, or nobody reads any more. */
bool tool_session_turn(tool_session *self, int64_t until_ms);

/** Turns until `*flag`, or `until_ms`. Whether the flag is set; it may be over at the same time. */
bool tool_session_await(tool_session *self, const bool *flag, int64_t until_ms);

/** Pushes out what was printed. It is over if that cannot be written; tool_finish() says why, if anybody should
 *  know. */
void tool_session_flush(tool_session *self);

/** Lets it end with this code; the first one counts. */
void tool_session_end(tool_session *self, tool_exit code);

#endif
