/* SPDX-License-Identifier: MIT
 * Calls, one after the other: what each takes, how often it makes a thread sleep, and how many system calls it is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/counts.h"
#include "bench/mark.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/side.h"
#include "bench/trace.h"
#include "tool/start.h"

enum {
    CALLS = 20000,
    WARM_UP_MOST = 1000,
    LOOK_US = 100000
};

/* What is counted between the first call and the last. */
typedef struct tally {
    long caller, client, server; /* sleeps */
    bool has_server;
    long in_pauses;
} tally;

typedef struct round_trips {
    bench_side side;
    const char *arguments;
    long every_us;
    bool is_marked;
    bool is_counted; /* the warm-up is not */
    bench_sample times;
    tally tally;
    double looked_us;
} round_trips;

static autobus_result call_once(round_trips *self)
{
    char *answer = NULL;
    double begun = bench_sample_now_us();
    autobus_result result = bench_line_call(self->side.line, "echo", self->arguments, &answer);
    double took = bench_sample_now_us() - begun;
    if (result == AUTOBUS_OK && strcmp(answer, self->arguments) != 0) {
        tool_complain("the answer is not what was sent");
        result = AUTOBUS_INCOMPATIBLE;
    }
    free(answer);
    if (self->times.count < self->times.room) {
        bench_sample_add(&self->times, took);
    }
    return result;
}

/* Until the next call is due; what happens meanwhile is not part of a call. */
static void pause_since(round_trips *self, double begun_us)
{
    double left_us = begun_us + (double)self->every_us - bench_sample_now_us();
    if (left_us < 1) {
        return;
    }
    if (self->is_counted) {
        bench_mark_make(BENCH_MARK_PAUSE);
    }
    long before = bench_counts_own_sleeps();
    struct timespec left = {.tv_sec = (time_t)(left_us / 1e6)};
    left.tv_nsec = (long)((left_us - (double)left.tv_sec * 1e6) * 1e3);
    nanosleep(&left, NULL);
    self->tally.in_pauses += bench_counts_own_sleeps() - before;
}

/* Looking at signals is a system call of its own: it is done now and then, and not while those are counted. */
static bool goes_on(round_trips *self, uint64_t done, uint64_t total)
{
    double now = bench_sample_now_us();
    if (self->is_marked || now - self->looked_us < LOOK_US) {
        return true;
    }
    self->looked_us = now;
    return bench_run_progress(self->side.run, done, total);
}

static autobus_result call_many(round_trips *self, long count)
{
    autobus_result result = AUTOBUS_OK;
    for (long i = 0; i < count && result == AUTOBUS_OK; i++) {
        double begun = bench_sample_now_us();
        if (self->is_counted) {
            bench_mark_make(BENCH_MARK_CALL);
        }
        result = call_once(self);
        if (self->every_us > 0) {
            pause_since(self, begun);
        }
        if (!goes_on(self, (uint64_t)i, (uint64_t)count)) {
            break;
        }
    }
    return result;
}

static void take_tally(round_trips *self, long sign)
{
    bench_counts own = {0};
    long server = 0;
    if (sign < 0) {
        self->tally.has_server = bench_side_counts(&self->side, &server);
    }
    (void)bench_counts_of(getpid(), &own);
    self->tally.client += sign * own.sleeps;
    self->tally.caller += sign * bench_counts_own_sleeps();
    if (sign > 0) {
        self->tally.has_server = self->tally.has_server && bench_side_counts(&self->side, &server);
    }
    self->tally.server += sign * server;
}

static autobus_result measure(round_trips *self, long count)
{
    long warm_up = count / 10 < WARM_UP_MOST ? count / 10 + 1 : WARM_UP_MOST;
    autobus_result result = call_many(self, warm_up);
    if (self->is_marked) {
        self->is_counted = true;
        result = result == AUTOBUS_OK ? call_many(self, count) : result;
        bench_mark_make(BENCH_MARK_END);
        return result;
    }
    bench_sample_init(&self->times, (size_t)count);
    self->tally = (tally){0};
    take_tally(self, -1);
    self->tally.in_pauses = 0;
    result = result == AUTOBUS_OK ? call_many(self, count) : result;
    take_tally(self, 1);
    return result;
}

/* Between the two looks at the server lies one call more: the second look itself. */
static void report_sleeps(bench_report *report, const tally *counted, double calls)
{
    double client = (double)(counted->client - counted->in_pauses) / calls;
    double server = (double)counted->server / (calls + 1);
    if (counted->has_server) {
        bench_report_add(report, "sleeps_per_call", "sleeps a call, both sides", client + server, 2,
                         "");
        bench_report_add(report, "sleeps_server", "of them in the service", server, 2, "");
    } else {
        bench_report_unknown(report, "sleeps_per_call", "sleeps a call, both sides",
                             "the other side does not tell its own");
    }
    bench_report_add(report, "sleeps_client", "of them in the client", client, 2, "");
    bench_report_add(report, "sleeps_caller", "of these in the thread that calls",
                     (double)(counted->caller - counted->in_pauses) / calls, 2, "");
}

typedef struct part_keys {
    const char *calls, *usual, *futexes, *usual_futexes;
} part_keys;

static void report_part(bench_report *report, const bench_trace_part *part, const part_keys *keys,
                        const char *label)
{
    if (part->reason != NULL) {
        bench_report_unknown(report, keys->calls, label, part->reason);
        return;
    }
    bench_report_add(report, keys->calls, label, part->calls, 2, "");
    bench_report_add(report, keys->usual, NULL, part->usual, 0, "");
    bench_report_add(report, keys->futexes, "of them futex", part->futexes, 2, "");
    bench_report_add(report, keys->usual_futexes, NULL, part->usual_futexes, 0, "");
}

static void report_calls(bench_report *report, const bench_trace *trace)
{
    static const part_keys client = {"syscalls_client", "syscalls_client_median", "futexes_client",
                                     "futexes_client_median"};
    static const part_keys server = {"syscalls_server", "syscalls_server_median", "futexes_server",
                                     "futexes_server_median"};
    report_part(report, &trace->client, &client, "system calls of the client, a call");
    report_part(report, &trace->server, &server, "system calls of the service, a call");
}

static void report(round_trips *self, const bench_request *request, const bench_trace *trace)
{
    bench_report report;
    bench_sample *times = &self->times;
    bench_sample_sort(times);
    bench_report_init(&report, request);
    bench_report_text(&report, "face", NULL, request->face == BENCH_C ? "c" : "raw");
    bench_report_add(&report, "payload", "bytes in the argument", (double)request->payload, 0, "");
    bench_report_add(&report, "calls", "calls", (double)times->count, 0, "");
    if (request->every_ms > 0) {
        bench_report_add(&report, "every_ms", "one every", request->every_ms, 0, "ms");
    }
    bench_report_add(&report, "median_us", "a call takes, median", bench_sample_share(times, 0.5),
                     2, "µs");
    bench_report_add(&report, "p99_us", "99 of 100 take at most", bench_sample_share(times, 0.99),
                     2, "µs");
    report_sleeps(&report, &self->tally, (double)times->count);
    report_calls(&report, trace);
    bench_report_print(&report);
    bench_report_fini(&report);
}

tool_exit bench_measure_rtt(const bench_request *request, bench_run *run)
{
    long count = request->count > 0 ? request->count : CALLS;
    char *arguments = bench_side_arguments(request);
    round_trips self = {.arguments = arguments,
                        .every_us = request->every_ms * 1000L,
                        .is_marked = request->is_marked};
    tool_exit code = bench_side_connect(&self.side, request, run);
    if (code == TOOL_DONE) {
        autobus_result result = measure(&self, count);
        bench_run_wipe(run);
        code = result != AUTOBUS_OK ? tool_complain_of(result) : TOOL_DONE;
    }
    bench_side_close(&self.side);
    if (code == TOOL_DONE && !request->is_marked && !run->is_interrupted) {
        bench_trace trace;
        bench_trace_run(&trace, request, run);
        if (!run->is_interrupted) {
            bench_run_wipe(run);
            report(&self, request, &trace);
        }
    }
    bench_sample_fini(&self.times);
    free(arguments);
    return run->is_interrupted ? TOOL_INTERRUPTED : code;
}
