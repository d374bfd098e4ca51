/* SPDX-License-Identifier: MIT
 * The other side of every benchmark: a service with something to call, to fire, to fill. */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include "bench/request.h"

/** Serves until interrupted, or until standard input ends if it was started so. Says its place in one line. */
tool_exit bench_serve(const bench_request *request, int signals);

#endif
