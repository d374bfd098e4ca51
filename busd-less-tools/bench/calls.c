/* SPDX-License-Identifier: MIT
 * Calls, many at once: each answer sends the next call, so that as many are under way as the window has. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bell.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/side.h"
#include "tool/start.h"

enum {
    CALLS = 300000,
    ROUNDS = 5,
    WINDOW = 64,
    WINDOW_MOST = 1000,
    ROUND_MS = 120000
};

/* Answers come on the bus thread; the first calls go out from the main one. */
typedef struct pipeline {
    bench_side side;
    char *arguments;
    long window, count;
    int bell;
    atomic_long to_send, to_hear;
    atomic_int failure; /* the first one */
} pipeline;

static void fail(pipeline *self, autobus_result result)
{
    int none = AUTOBUS_OK;
    if (atomic_compare_exchange_strong(&self->failure, &none, (int)result)) {
        bench_bell_ring(self->bell);
    }
}

static void send_next(pipeline *self)
{
    if (atomic_fetch_sub(&self->to_send, 1) > 0) {
        autobus_result result = bench_line_send(self->side.line, "echo", self->arguments);
        if (result != AUTOBUS_OK) {
            fail(self, result);
        }
    }
}

static void hear(void *userdata, autobus_result result, const char *text)
{
    pipeline *self = userdata;
    if (result != AUTOBUS_OK) {
        fail(self, result);
        return;
    }
    if (strcmp(text, self->arguments) != 0) {
        fail(self, AUTOBUS_INCOMPATIBLE);
        return;
    }
    send_next(self);
    if (atomic_fetch_sub(&self->to_hear, 1) == 1) {
        bench_bell_ring(self->bell);
    }
}

/* One round; the calls a second. 0: it failed, or was interrupted. */
static double run_round(pipeline *self, long count)
{
    atomic_store(&self->to_send, count);
    atomic_store(&self->to_hear, count);
    double begun = bench_sample_now_us();
    for (long i = 0; i < self->window && i < count; i++) {
        send_next(self);
    }
    if (!bench_run_wait(self->side.run, self->bell, ROUND_MS)) {
        fail(self, AUTOBUS_TIMEOUT);
    }
    double took = bench_sample_now_us() - begun;
    return atomic_load(&self->failure) == AUTOBUS_OK ? (double)count / took * 1e6 : 0;
}

static tool_exit run_rounds(pipeline *self, bench_sample *rates)
{
    bench_run *run = self->side.run;
    bool goes_on = run_round(self, self->count / 20 + 1) > 0; /* warms up */
    for (uint64_t i = 0; i < ROUNDS && goes_on; i++) {
        double rate = run_round(self, self->count / ROUNDS);
        goes_on = rate > 0;
        if (goes_on) {
            bench_sample_add(rates, rate);
            goes_on = bench_run_progress(run, (i + 1) * (uint64_t)self->count / ROUNDS,
                                         (uint64_t)self->count);
        }
    }
    if (run->is_interrupted) {
        return TOOL_INTERRUPTED;
    }
    autobus_result failure = (autobus_result)atomic_load(&self->failure);
    if (failure != AUTOBUS_OK) {
        tool_complain("a call failed: %s", autobus_result_text(failure));
    }
    return tool_exit_of(failure);
}

static void report(const pipeline *self, bench_sample *rates)
{
    const bench_request *request = self->side.request;
    bench_report report;
    bench_sample_sort(rates);
    bench_report_init(&report, request);
    bench_report_text(&report, "face", NULL, request->face == BENCH_C ? "c" : "raw");
    bench_report_add(&report, "payload", "bytes in the argument", (double)request->payload, 0, "");
    bench_report_add(&report, "window", "calls at once", (double)self->window, 0, "");
    bench_report_add(&report, "calls", "calls", (double)self->count, 0, "");
    bench_report_add(&report, "calls_per_s", "a second, median of five rounds",
                     bench_sample_share(rates, 0.5), 0, "/s");
    bench_report_add(&report, "least_per_s", "in the slowest round", rates->values[0], 0, "/s");
    bench_report_add(&report, "most_per_s", "in the fastest round", rates->values[ROUNDS - 1], 0,
                     "/s");
    bench_report_print(&report);
    bench_report_fini(&report);
}

tool_exit bench_measure_calls(const bench_request *request, bench_run *run)
{
    pipeline self = {.window = request->window > 0 ? request->window : WINDOW,
                     .count = request->count > 0 ? request->count : CALLS};
    if (self.window > WINDOW_MOST) {
        tool_complain("-w of calls is a number from 1 to %d, not %ld", WINDOW_MOST, self.window);
        return TOOL_USAGE;
    }
    if (self.count < ROUNDS) {
        tool_complain("-n of calls is at least %d: it is measured in that many rounds", ROUNDS);
        return TOOL_USAGE;
    }
    bench_sample rates;
    bench_sample_init(&rates, ROUNDS);
    self.count -= self.count % ROUNDS;
    self.arguments = bench_side_arguments(request);
    self.bell = bench_bell_open();
    tool_exit code = bench_side_connect(&self.side, request, run);
    if (code == TOOL_DONE) {
        bench_line_on_answer(self.side.line, hear, &self);
        code = run_rounds(&self, &rates);
    }
    if (code == TOOL_DONE) {
        bench_run_wipe(run);
        report(&self, &rates);
    }
    bench_side_close(&self.side);
    close(self.bell);
    bench_sample_fini(&rates);
    free(self.arguments);
    return code;
}
