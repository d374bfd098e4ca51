/* SPDX-License-Identifier: MIT
 * A process that offers a service and is left alone: its memory, its threads, and how often it wakes. Elsewhere it
 * is asked before and after, over a connection that exists only then. */
#include <stdlib.h>

#include <json-c/json.h>

#include "bench/counts.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/side.h"
#include "tool/start.h"

enum {
    SETTLE_MS = 2500 /* its announcements, and what they cause */
};

static long number_in(json_object *object, const char *key)
{
    json_object *value;
    return json_object_object_get_ex(object, key, &value) ? (long)json_object_get_int64(value) : -1;
}

static tool_exit ask(const bench_request *request, const tool_place *place,
                     bench_counts *ret_counts)
{
    bench_line *line;
    char *answer = NULL;
    tool_exit code = bench_line_open(request, place, &line);
    if (code == TOOL_DONE) {
        autobus_result result = bench_line_call(line, "counts", "[]", &answer);
        code = result == AUTOBUS_OK ? TOOL_DONE : tool_complain_of(result);
    }
    if (code == TOOL_DONE) {
        json_object *counts = json_tokener_parse(answer);
        *ret_counts = (bench_counts){.sleeps = number_in(counts, "sleeps"),
                                     .threads = number_in(counts, "threads"),
                                     .resident_kb = number_in(counts, "resident_kb"),
                                     .private_kb = number_in(counts, "private_kb")};
        json_object_put(counts);
    }
    free(answer);
    bench_line_close(&line);
    return code;
}

static tool_exit look(const bench_side *side, bench_counts *ret_counts)
{
    if (side->second.process != 0) {
        return bench_counts_of(side->second.process, ret_counts) ? TOOL_DONE : TOOL_FAILED;
    }
    return ask(side->request, &side->place, ret_counts);
}

static void report(const bench_request *request, const bench_counts *before,
                   const bench_counts *after, double seconds)
{
    bench_report report;
    bench_report_init(&report, request);
    bench_report_add(&report, "seconds", "looked for", seconds, 1, "s");
    bench_report_add(&report, "resident_kb", "resident memory", (double)after->resident_kb, 0,
                     "KiB");
    if (after->private_kb >= 0) {
        bench_report_add(&report, "private_kb", "of it private", (double)after->private_kb, 0,
                         "KiB");
    } else {
        bench_report_unknown(&report, "private_kb", "of it private", "the kernel does not tell");
    }
    bench_report_add(&report, "threads", "threads", (double)after->threads, 0, "");
    bench_report_add(&report, "wakes_per_s", "wakes a second",
                     (double)(after->sleeps - before->sleeps) / seconds, 2, "/s");
    bench_report_print(&report);
    bench_report_fini(&report);
}

/* Second by second, so that a person sees it go on. */
static bool pass_time(bench_run *run, int ms)
{
    int total = ms / 1000;
    for (int left = ms; left > 0 && !run->is_interrupted; left -= 1000) {
        bench_run_sleep(run, left < 1000 ? left : 1000);
        bench_run_progress(run, (uint64_t)(total - left / 1000), (uint64_t)total);
    }
    return !run->is_interrupted;
}

tool_exit bench_measure_idle(const bench_request *request, bench_run *run)
{
    bench_side side;
    bench_counts before = {0};
    bench_counts after = {0};
    tool_exit code = bench_side_open(&side, request, run);
    if (code == TOOL_DONE && pass_time(run, SETTLE_MS)) {
        code = look(&side, &before);
    }
    double begun = bench_sample_now_us();
    if (code == TOOL_DONE && pass_time(run, request->span_ms)) {
        double seconds = (bench_sample_now_us() - begun) / 1e6;
        code = look(&side, &after);
        if (code == TOOL_DONE) {
            bench_run_wipe(run);
            report(request, &before, &after, seconds);
        }
    }
    bench_side_close(&side);
    return run->is_interrupted ? TOOL_INTERRUPTED : code;
}
