/* SPDX-License-Identifier: MIT
 * autobus-bench: what the library costs on this machine, or between two. */
#include <string.h>

#include "bench/listen.h"
#include "bench/measures.h"
#include "bench/request.h"
#include "bench/run.h"
#include "bench/serve.h"
#include "bench/way.h"
#include "tool/signals.h"
#include "tool/start.h"

typedef struct measure {
    const char *name;
    tool_exit (*run)(const bench_request *request, bench_run *run);
} measure;

static const measure measures[] = {
    {"rtt", bench_measure_rtt},
    {"calls", bench_measure_calls},
    {"events", bench_measure_events},
    {"stream", bench_measure_stream},
    {"discovery", bench_measure_discovery},
    {"idle", bench_measure_idle},
};

static tool_exit run(const bench_request *request)
{
    int signals = tool_signals_open();
    if (strcmp(request->verb, "serve") == 0) {
        return bench_serve(request, signals);
    }
    if (strcmp(request->verb, "listen") == 0) {
        return bench_listen(request, signals);
    }
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        if (strcmp(measures[i].name, request->verb) == 0) {
            bench_run run;
            bench_run_init(&run, request->verb, signals, request->family.is_quiet);
            tool_exit code = measures[i].run(request, &run);
            bench_run_wipe(&run);
            return code;
        }
    }
    tool_complain("nothing here measures '%s'; there are rtt, calls, events, stream, discovery and "
                  "idle, and serve",
                  request->verb);
    return TOOL_USAGE;
}

int main(int argc, char **argv)
{
    tool_start();
    bench_request request;
    tool_exit code;
    if (bench_request_init(&request, argc, argv, &code)) {
        bench_way_take(&request);
        code = run(&request);
    }
    return (int)tool_finish(code);
}
