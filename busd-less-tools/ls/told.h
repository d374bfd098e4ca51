/* SPDX-License-Identifier: MIT
 * What a bus tells of its services when it is asked itself, at the place that was typed: a list without discovery. */
#ifndef LS_TOLD_H
#define LS_TOLD_H

#include "ls/entry.h"
#include "ls/request.h"
#include "tool/session.h"

/** Asks until `until_ms`, and fills in the list. TOOL_DONE, also if it is empty then; else it has been said why. */
tool_exit ls_told_ask(const ls_request *request, tool_session *session, int64_t until_ms,
                      ls_entries *entries);

#endif
