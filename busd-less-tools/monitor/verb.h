/* SPDX-License-Identifier: MIT
 * autobus-monitor as a verb that others may start. */
#ifndef MONITOR_VERB_H
#define MONITOR_VERB_H

#include "tool/verb.h"

extern const tool_verb monitor_verb;

#endif
