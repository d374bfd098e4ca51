/* SPDX-License-Identifier: MIT
 * autobus-ls as a verb. */
#ifndef LS_VERB_H
#define LS_VERB_H

#include "tool/verb.h"

extern const tool_verb ls_verb;

#endif
