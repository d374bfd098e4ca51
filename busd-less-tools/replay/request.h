/* SPDX-License-Identifier: MIT
 * Which recording is replayed, and how. */
#ifndef REPLAY_REQUEST_H
#define REPLAY_REQUEST_H

#include "tool/request.h"

typedef struct replay_request {
    tool_request asked;
    const char *file; /**< NULL: standard input */
    double speed;     /**< 0: as fast as it goes */
    int most_ms;      /**< the longest wait between two lines; -1: any */
    bool loops;
    bool takes_new_ids;
} replay_request;

extern const tool_command replay_command;

/** Reads the command line as tool_request_init() does. */
bool replay_request_init(replay_request *self, int argc, char **argv, tool_exit *ret_exit);
void replay_request_fini(replay_request *self);

#endif
