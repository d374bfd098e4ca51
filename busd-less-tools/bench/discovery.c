/* SPDX-License-Identifier: MIT
 * From nothing to the first news of a service: a bus is made, a listener waits for a type, and both are freed again,
 * many times. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <autobus/listener.h>

#include "bench/bell.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/second.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    SEARCHES = 50
};

typedef struct search {
    int bell;
    atomic_bool has_found;
    double found_us; /* written before the bell is rung */
} search;

static void hear(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    search *self = userdata;
    (void)sighting;
    if (change == AUTOBUS_APPEARED && !atomic_exchange(&self->has_found, true)) {
        self->found_us = bench_sample_now_us();
        bench_bell_ring(self->bell);
    }
}

static tool_exit search_once(const bench_request *request, bench_run *run, const char *type,
                             bench_sample *times)
{
    search self = {.bell = bench_bell_open()};
    autobus_bus *bus = NULL;
    autobus_filter *filter = tool_text_checked(autobus_filter_new());
    char *condition = tool_text_format("type=%s", type);
    tool_exit code = TOOL_DONE;
    (void)autobus_filter_add_text(filter, condition); /* a mistake is said by who takes it */
    double begun = bench_sample_now_us();
    autobus_result result = tool_family_bus(&request->family, false, &bus);
    if (result == AUTOBUS_OK) {
        result = autobus_listener_new(bus, filter, true, hear, &self, NULL, NULL);
        filter = NULL;
    }
    if (result != AUTOBUS_OK) {
        code = tool_complain_of(result);
    } else if (bench_run_wait(run, self.bell, request->limit_ms)) {
        bench_sample_add(times, self.found_us - begun);
    } else if (!run->is_interrupted) {
        tool_complain("no service of type '%s' was found", type);
        code = TOOL_NOTHING;
    }
    autobus_bus_free(&bus);
    autobus_filter_free(&filter);
    free(condition);
    close(self.bell);
    return code;
}

static tool_exit search_all(const bench_request *request, bench_run *run, const char *type,
                            bench_sample *times)
{
    tool_exit code = TOOL_DONE;
    for (size_t i = 0; i < times->room && code == TOOL_DONE && !run->is_interrupted; i++) {
        code = search_once(request, run, type, times);
        bench_run_progress(run, i + 1, times->room);
    }
    return run->is_interrupted ? TOOL_INTERRUPTED : code;
}

static void report(const bench_request *request, bench_sample *times)
{
    bench_report report;
    bench_sample_sort(times);
    bench_report_init(&report, request);
    bench_report_add(&report, "searches", "searches", (double)times->count, 0, "");
    bench_report_add(&report, "median_us", "found after, median", bench_sample_share(times, 0.5), 0,
                     "µs");
    bench_report_add(&report, "p99_us", "99 of 100 after at most", bench_sample_share(times, 0.99),
                     0, "µs");
    bench_report_print(&report);
    bench_report_fini(&report);
}

/* A type that nobody else on this network has. */
static tool_exit start_own(const bench_request *request, bench_run *run, const char *type,
                           bench_second *second)
{
    const tool_family *family = &request->family;
    char port[32];
    const char *words[16] = {"serve", type, "--attached", "-q"};
    size_t count = 4;
    snprintf(port, sizeof port, "%ld", tool_family_port(family));
    words[count++] = "--port";
    words[count++] = port;
    if (family->interfaces != NULL) {
        words[count++] = "--interfaces";
        words[count++] = family->interfaces;
    }
    if (family->peers != NULL) {
        words[count++] = "--peers";
        words[count++] = family->peers;
    }
    if (family->discovery != NULL) {
        words[count++] = "--discovery";
        words[count++] = family->discovery;
    }
    bool is_ready = bench_second_start(second, words, false) &&
                    bench_second_is_ready(second, run, request->limit_ms);
    return is_ready ? TOOL_DONE : run->is_interrupted ? TOOL_INTERRUPTED : TOOL_FAILED;
}

tool_exit bench_measure_discovery(const bench_request *request, bench_run *run)
{
    bench_second second = {0};
    bench_sample times;
    char *own = tool_text_format("bench-%d-%.0f", (int)getpid(), bench_sample_now_us());
    const char *type = request->place != NULL ? request->place : own;
    tool_exit code = TOOL_DONE;
    bench_sample_init(&times, (size_t)(request->count > 0 ? request->count : SEARCHES));
    if (request->place == NULL) {
        code = start_own(request, run, type, &second);
    }
    if (code == TOOL_DONE) {
        code = search_all(request, run, type, &times);
    }
    if (code == TOOL_DONE) {
        bench_run_wipe(run);
        report(request, &times);
    }
    bench_second_end(&second);
    bench_sample_fini(&times);
    free(own);
    return code;
}
