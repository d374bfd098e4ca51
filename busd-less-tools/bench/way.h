/* SPDX-License-Identifier: MIT
 * How the bytes of a benchmark travel: by TCP to a place, without discovery; or over unix sockets, which buses find by
 * the ids that they hear from each other, on loopback alone. */
#ifndef BENCH_WAY_H
#define BENCH_WAY_H

#include <stdbool.h>

#include "bench/request.h"

bool bench_way_is_unix(const bench_request *request);
/** Frames or lines. For unix sockets: discovery on loopback, at a UDP port of its own where both sides are ours. Of
 *  this process, and by the environment of those that it starts; before the first bus. */
void bench_way_take(bench_request *request);
/** The words that a second process is to serve the same way with; the last is NULL. */
const char *const *bench_way_words(const bench_request *request);

#endif
