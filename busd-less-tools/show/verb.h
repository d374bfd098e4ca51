/* SPDX-License-Identifier: MIT
 * autobus-show as a verb. */
#ifndef SHOW_VERB_H
#define SHOW_VERB_H

#include "tool/verb.h"

extern const tool_verb show_verb;

#endif
