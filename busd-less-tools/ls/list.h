/* SPDX-License-Identifier: MIT
 * The plain listing: ask, wait until the answers are complete, print, end. */
#ifndef LS_LIST_H
#define LS_LIST_H

#include "ls/request.h"

tool_exit ls_list(const ls_request *request);

/** Says on standard error that nothing was found, who was asked, and what to look at. */
void ls_explain_nothing(const ls_request *request, autobus_bus *bus);

#endif
