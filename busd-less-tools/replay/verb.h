/* SPDX-License-Identifier: MIT
 * autobus-replay as a verb that others may start. */
#ifndef REPLAY_VERB_H
#define REPLAY_VERB_H

#include "tool/verb.h"

extern const tool_verb replay_verb;

#endif
