/* SPDX-License-Identifier: MIT
 * The watch: what is there, and every change, until it is interrupted. */
#ifndef LS_WATCH_H
#define LS_WATCH_H

#include "ls/request.h"

/** Ends on a signal, a closed output or, with -t, in time. The paper of the request follows the terminal as it changes
 *  its size. */
tool_exit ls_watch(ls_request *request);

#endif
