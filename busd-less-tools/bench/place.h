/* SPDX-License-Identifier: MIT
 * Where the other side of a measurement is: a place that was typed, or found by a TYPE on the network. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdbool.h>

#include "bench/request.h"
#include "bench/run.h"
#include "tool/place.h"

/** Reads HOST:PORT/ID; false if `text` is none, and then there is nothing to free. */
bool bench_place_parse(tool_place *self, const char *text);
/** Looks for the one service of a type. TOOL_NOTHING, TOOL_AMBIGUOUS: it says so. */
tool_exit bench_place_find(tool_place *self, const bench_request *request, bench_run *run);

#endif
