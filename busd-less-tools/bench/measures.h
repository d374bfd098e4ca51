/* SPDX-License-Identifier: MIT
 * The benchmarks. Each runs, prints its report, and returns how the program ends; what went wrong has been said. */
#ifndef BENCH_MEASURES_H
#define BENCH_MEASURES_H

#include "bench/request.h"
#include "bench/run.h"

tool_exit bench_measure_rtt(const bench_request *request, bench_run *run);
tool_exit bench_measure_calls(const bench_request *request, bench_run *run);
tool_exit bench_measure_events(const bench_request *request, bench_run *run);
tool_exit bench_measure_stream(const bench_request *request, bench_run *run);
tool_exit bench_measure_discovery(const bench_request *request, bench_run *run);
tool_exit bench_measure_idle(const bench_request *request, bench_run *run);

#endif
