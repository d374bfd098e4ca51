/* SPDX-License-Identifier: MIT
 * The watch: what is heard and what the library tells, as lines, counts and a capture. */
#ifndef MONITOR_WATCH_H
#define MONITOR_WATCH_H

#include "monitor/request.h"

/** Does it. */
tool_exit monitor_watch(const monitor_request *request);

#endif
