/* SPDX-License-Identifier: MIT
 * What autobus-monitor was asked for. It starts nothing. */
#ifndef MONITOR_REQUEST_H
#define MONITOR_REQUEST_H

#include "tool/request.h"

typedef struct monitor_request {
    tool_request asked;
    const char *capture; /**< a file; "-" is standard output; NULL: none */
    bool wants_stats;    /**< in place of lines */
    int every_ms;        /**< how often; 0: at the end only */
} monitor_request;

extern const tool_command monitor_command;

/** As tool_request_init(). */
bool monitor_request_init(monitor_request *self, int argc, char **argv, tool_exit *ret_exit);
void monitor_request_fini(monitor_request *self);

/** Whether standard output is for the capture. */
bool monitor_request_captures_out(const monitor_request *self);

#endif
