/* SPDX-License-Identifier: MIT
 * The demo: a lamp that is not there, for trying the tools. */
#ifndef PUBLISH_DEMO_H
#define PUBLISH_DEMO_H

#include "publish/stage.h"

/** Makes it the stage's service. */
autobus_result publish_demo_add(publish_stage *stage);

/** Its switch: each line of the input presses it. */
void publish_demo_press(publish_stage *stage, const char *line);

#endif
