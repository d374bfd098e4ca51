/* SPDX-License-Identifier: MIT
 * autobus-call as a verb. */
#ifndef CALL_VERB_H
#define CALL_VERB_H

#include "tool/verb.h"

extern const tool_verb call_verb;

#endif
