/* SPDX-License-Identifier: MIT
 * One of the processes that `autobus-bench events` starts: it listens, and says now and then how far it is. */
#ifndef BENCH_LISTEN_H
#define BENCH_LISTEN_H

#include "bench/request.h"

/** Listens until interrupted, or until standard input ends; -n is its number. Says "ready" in one line. */
tool_exit bench_listen(const bench_request *request, int signals);

#endif
