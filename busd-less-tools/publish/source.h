/* SPDX-License-Identifier: MIT
 * Sources: where the values of objects come from as time goes by: a file, or a command now and then. */
#ifndef PUBLISH_SOURCE_H
#define PUBLISH_SOURCE_H

#include "publish/stage.h"

typedef struct publish_sources publish_sources;

/** Adds every object of the plan with its first value; what files say is there before this returns. */
autobus_result publish_sources_start(publish_stage *stage, publish_sources **ret_sources);
/** Runs what is due. When something will be. */
int64_t publish_sources_tend(publish_sources *self);
/** Whether each has told its first value, or that it has none. */
bool publish_sources_are_told(const publish_sources *self);
void publish_sources_free(publish_sources **sources);

#endif
