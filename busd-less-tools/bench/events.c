/* SPDX-License-Identifier: MIT
 * Events, to one or several processes of this machine: how many arrive a second, with none lost. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bell.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/side.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    EVENTS = 300000,
    SALVOS = 5,
    WINDOW = 4096,
    LISTENERS_MOST = 64,
    SALVO_MS = 120000
};

/* The answer to "fire" comes on the bus thread; the bell tells the main one. */
typedef struct broadcast {
    bench_side side;
    bench_second ears[LISTENERS_MOST];
    char *place;
    long window, count;
    int bell;
    autobus_result result;
    double seconds;
} broadcast;

static bool start_ears(broadcast *self)
{
    const bench_request *request = self->side.request;
    char number[32];
    char window[32];
    const char *words[] = {"listen", self->place, "-q", "--transport", request->transport,
                           "-n",     number,      "-w", window,        NULL};
    snprintf(window, sizeof window, "%ld", self->window);
    for (long i = 0; i < request->listeners; i++) {
        snprintf(number, sizeof number, "%ld", i + 1);
        if (!bench_second_start(&self->ears[i], words, false)) {
            return false;
        }
    }
    bool are_ready = true;
    for (long i = 0; i < request->listeners && are_ready; i++) {
        are_ready = bench_second_is_ready(&self->ears[i], self->side.run, request->limit_ms);
    }
    return are_ready;
}

static void hear(void *userdata, autobus_result result, const char *text)
{
    broadcast *self = userdata;
    self->result = result;
    self->seconds = strtod(text, NULL);
    bench_bell_ring(self->bell);
}

/* Its time is that of the service: from the first one fired until the last listener has told of the last. */
static bool fire_salvo(broadcast *self, bool is_first, long count)
{
    const bench_request *request = self->side.request;
    char *arguments =
        tool_text_format("[%ld,%ld,%ld,%ld,%s]", count, request->payload, request->listeners,
                         self->window, is_first ? "true" : "false");
    autobus_result result = bench_line_send(self->side.line, "fire", arguments);
    bool has_answer = result == AUTOBUS_OK && bench_run_wait(self->side.run, self->bell, SALVO_MS);
    free(arguments);
    if (!has_answer) {
        self->result = result == AUTOBUS_OK ? AUTOBUS_TIMEOUT : result;
    }
    return has_answer && self->result == AUTOBUS_OK && self->seconds > 0;
}

static tool_exit fire_all(broadcast *self, bench_sample *rates)
{
    const bench_request *request = self->side.request;
    bench_run *run = self->side.run;
    long each = self->count / SALVOS;
    bool goes_on = fire_salvo(self, true, each / 4 + 1); /* warms up */
    for (uint64_t i = 0; i < SALVOS && goes_on; i++) {
        goes_on = fire_salvo(self, false, each);
        if (goes_on) {
            bench_sample_add(rates, (double)(each * request->listeners) / self->seconds);
            goes_on = bench_run_progress(run, (i + 1) * (uint64_t)each, (uint64_t)self->count);
        }
    }
    if (run->is_interrupted) {
        return TOOL_INTERRUPTED;
    }
    if (!goes_on) {
        tool_complain("not every event arrived: %s", autobus_result_text(self->result));
        return self->result != AUTOBUS_OK ? tool_exit_of(self->result) : TOOL_FAILED;
    }
    return TOOL_DONE;
}

static void report(const broadcast *self, bench_sample *rates)
{
    const bench_request *request = self->side.request;
    bench_report report;
    bench_sample_sort(rates);
    bench_report_init(&report, request);
    bench_report_add(&report, "payload", "bytes in the argument", (double)request->payload, 0, "");
    bench_report_add(&report, "listeners", "listeners", (double)request->listeners, 0, "");
    bench_report_add(&report, "events", "events fired", (double)self->count, 0, "");
    bench_report_add(&report, "delivered", "events heard",
                     (double)(self->count * request->listeners), 0, "");
    bench_report_add(&report, "delivered_per_s", "heard a second, median of five rounds",
                     bench_sample_share(rates, 0.5), 0, "/s");
    bench_report_add(&report, "least_per_s", "in the slowest round", rates->values[0], 0, "/s");
    bench_report_add(&report, "most_per_s", "in the fastest round", rates->values[SALVOS - 1], 0,
                     "/s");
    bench_report_print(&report);
    bench_report_fini(&report);
}

static tool_exit measure(broadcast *self, bench_sample *rates)
{
    const tool_place *place = &self->side.place;
    self->place = tool_place_text(place->host, place->port, place->id);
    bench_line_on_answer(self->side.line, hear, self);
    tool_exit code = start_ears(self) ? TOOL_DONE : TOOL_FAILED;
    if (code == TOOL_DONE) {
        code = fire_all(self, rates);
    }
    if (code == TOOL_DONE) {
        bench_run_wipe(self->side.run);
        report(self, rates);
    }
    return self->side.run->is_interrupted ? TOOL_INTERRUPTED : code;
}

tool_exit bench_measure_events(const bench_request *request, bench_run *run)
{
    broadcast self = {.window = request->window > 0 ? request->window : WINDOW,
                      .count = request->count > 0 ? request->count : EVENTS};
    if (self.count < SALVOS) {
        tool_complain("-n of events is at least %d: they are fired in that many rounds", SALVOS);
        return TOOL_USAGE;
    }
    bench_sample rates;
    bench_sample_init(&rates, SALVOS);
    self.count -= self.count % SALVOS;
    self.bell = bench_bell_open();
    bench_request patient = *request; /* a salvo is one call, and takes as long as it takes */
    patient.limit_ms = SALVO_MS;
    tool_exit code = bench_side_connect(&self.side, &patient, run);
    if (code == TOOL_DONE) {
        code = measure(&self, &rates);
    }
    bench_side_close(&self.side);
    for (long i = 0; i < request->listeners; i++) {
        bench_second_end(&self.ears[i]);
    }
    close(self.bell);
    free(self.place);
    bench_sample_fini(&rates);
    return code;
}
