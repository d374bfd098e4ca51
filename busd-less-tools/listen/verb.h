/* SPDX-License-Identifier: MIT
 * autobus-listen as a verb. */
#ifndef LISTEN_VERB_H
#define LISTEN_VERB_H

#include "tool/verb.h"

extern const tool_verb listen_verb;

#endif
