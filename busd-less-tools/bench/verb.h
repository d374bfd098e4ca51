/* SPDX-License-Identifier: MIT
 * autobus-bench as a verb that others may start. */
#ifndef BENCH_VERB_H
#define BENCH_VERB_H

#include "tool/verb.h"

extern const tool_verb bench_verb;

#endif
