/* SPDX-License-Identifier: MIT
 * autobus-record as a verb that others may start. */
#ifndef RECORD_VERB_H
#define RECORD_VERB_H

#include "tool/verb.h"

extern const tool_verb record_verb;

#endif
