/* SPDX-License-Identifier: MIT
 * The stage: what everything that is published shares. */
#ifndef PUBLISH_STAGE_H
#define PUBLISH_STAGE_H

#include <autobus/service.h>

#include "publish/request.h"
#include "tool/session.h"

typedef struct publish_stage {
    const publish_request *request;
    tool_session session;
    int poll; /**< of publish/poll.h; what it hears is the session's input */
    autobus_service *service;
} publish_stage;

/** How long a command may take, in milliseconds. */
int publish_stage_limit(const publish_stage *self);

#endif
