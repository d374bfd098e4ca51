/* SPDX-License-Identifier: MIT
 * An answer: what a call has come to. It lives until both have let go of it: who asked, and the call. */
#ifndef TOOL_ANSWER_H
#define TOOL_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <autobus/call.h>

#include "tool/exit.h"
#include "tool/session.h"

typedef struct tool_answer {
    bool is_there;
    autobus_result result;
    json_object *value; /**< owned */
    char *error;        /**< its sentence, owned; NULL: none */
    bool is_told, is_dropped;
} tool_answer;

/** Calls, by text of a list (NULL: no arguments), and waits for nothing. A call that cannot begin has its answer at
 *  once. The answer is yours. */
tool_answer *tool_answer_ask(autobus_remote *remote, const char *function, const char *arguments,
                             int timeout_ms);
/** An answer that is there already: of a call that wants none, or could not begin. `sentence` NULL: the library's
 *  last. */
tool_answer *tool_answer_of(autobus_result result, const char *sentence);
/** Drops and clears it; the call may still be under way. */
void tool_answer_drop(tool_answer **answer);

/** Waits until the other side has read all that was said to it so far, by a question that nobody has an answer to, at
 *  most until `until_ms`. Not of a multi proxy. False: it is not known, or it is lost. */
bool tool_answer_of_arrival(tool_session *session, autobus_remote *remote, int64_t until_ms);

/** The exit code: arguments that the service refuses are a failure of the service, not of the command line. */
tool_exit tool_answer_exit(const tool_answer *self);

#endif
