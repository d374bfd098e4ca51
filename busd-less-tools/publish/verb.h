/* SPDX-License-Identifier: MIT
 * autobus-publish as a verb that others may start. */
#ifndef PUBLISH_VERB_H
#define PUBLISH_VERB_H

#include "tool/verb.h"

extern const tool_verb publish_verb;

#endif
