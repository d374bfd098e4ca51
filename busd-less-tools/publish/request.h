/* SPDX-License-Identifier: MIT
 * What autobus-publish was asked for. It starts nothing. */
#ifndef PUBLISH_REQUEST_H
#define PUBLISH_REQUEST_H

#include "publish/plan.h"
#include "tool/request.h"

typedef struct publish_request {
    tool_request asked;
    publish_plan plan;
    bool is_demo;
} publish_request;

extern const tool_command publish_command;

/** As tool_request_init(). */
bool publish_request_init(publish_request *self, int argc, char **argv, tool_exit *ret_exit);
void publish_request_fini(publish_request *self);

#endif
