/* SPDX-License-Identifier: MIT
 * autobus-watch as a verb. */
#ifndef WATCH_VERB_H
#define WATCH_VERB_H

#include "tool/verb.h"

extern const tool_verb watch_verb;

#endif
