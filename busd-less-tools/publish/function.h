/* SPDX-License-Identifier: MIT
 * Functions that run commands. */
#ifndef PUBLISH_FUNCTION_H
#define PUBLISH_FUNCTION_H

#include "publish/stage.h"

/** Adds the function; `stage` and `member` outlive the service. */
autobus_result publish_function_add(publish_stage *stage, const publish_member *member);

#endif
