/* SPDX-License-Identifier: MIT
 * Bytes through a stream, from one end of it to the other: the time is from the first byte written until the other
 * side has said that it got them all. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bell.h"
#include "bench/measures.h"
#include "bench/report.h"
#include "bench/sample.h"
#include "bench/side.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    MEGABYTES = 512,
    MEGABYTE = 1000000,
    PIECE = 262144,
    STALL_MS = 10000
};

/* The bus thread hears and rings; what it has written lies before the bell. */
typedef struct river {
    bench_side side;
    autobus_channel *channel;
    int bell;
    char told[32]; /* what the other side says it got */
    size_t told_length;
    bool is_over;
} river;

static void hear(void *userdata, const autobus_message *message)
{
    river *self = userdata;
    size_t length = 0;
    const char *bytes = autobus_message_bytes(message, &length);
    switch (autobus_message_kind(message)) {
    case AUTOBUS_BLOB:
        if (length < sizeof self->told - self->told_length) {
            memcpy(self->told + self->told_length, bytes, length);
            self->told_length += length;
        }
        break;
    case AUTOBUS_ENDED:
    case AUTOBUS_CLOSED_NOW: __atomic_store_n(&self->is_over, true, __ATOMIC_RELEASE); break;
    default: break;
    }
    bench_bell_ring(self->bell);
}

static autobus_result pour(river *self, uint64_t total)
{
    char *piece = tool_text_checked(calloc(1, PIECE));
    autobus_result result = AUTOBUS_OK;
    uint64_t sent = 0;
    while (sent < total && result == AUTOBUS_OK) {
        size_t some = total - sent < PIECE ? (size_t)(total - sent) : PIECE;
        size_t gone = 0;
        result = autobus_channel_write(self->channel, piece, some, &gone);
        sent += gone;
        if (result == AUTOBUS_BUSY) {
            bool goes_on = bench_run_wait(self->side.run, self->bell, STALL_MS) &&
                           bench_run_progress(self->side.run, sent / MEGABYTE, total / MEGABYTE);
            result = goes_on ? AUTOBUS_OK : AUTOBUS_TIMEOUT;
        }
    }
    free(piece);
    return result == AUTOBUS_OK ? autobus_channel_end(self->channel) : result;
}

/* Until the other side has ended its direction, which it does after telling what it got. */
static autobus_result await_total(river *self, uint64_t total)
{
    while (!__atomic_load_n(&self->is_over, __ATOMIC_ACQUIRE)) {
        if (!bench_run_wait(self->side.run, self->bell, STALL_MS)) {
            return AUTOBUS_TIMEOUT;
        }
    }
    return strtoumax(self->told, NULL, 10) == total ? AUTOBUS_OK : AUTOBUS_CLOSED;
}

static autobus_result run_river(river *self, uint64_t total, double *ret_seconds)
{
    autobus_result result = autobus_channel_open(bench_line_remote(self->side.line), "sink", true,
                                                 NULL, hear, self, NULL, &self->channel);
    if (result == AUTOBUS_OK && !bench_run_wait(self->side.run, self->bell, STALL_MS)) {
        result = AUTOBUS_TIMEOUT;
    }
    double begun = bench_sample_now_us();
    if (result == AUTOBUS_OK) {
        result = pour(self, total);
    }
    if (result == AUTOBUS_OK) {
        result = await_total(self, total);
    }
    *ret_seconds = (bench_sample_now_us() - begun) / 1e6;
    autobus_channel_free(&self->channel);
    return result;
}

static void report(const bench_request *request, uint64_t total, double seconds)
{
    bench_report report;
    bench_report_init(&report, request);
    bench_report_add(&report, "bytes", "bytes", (double)total, 0, "");
    bench_report_add(&report, "seconds", "took", seconds, 3, "s");
    bench_report_add(&report, "gigabytes_per_s", "that is", (double)total / seconds / 1e9, 3,
                     "GB/s");
    bench_report_print(&report);
    bench_report_fini(&report);
}

tool_exit bench_measure_stream(const bench_request *request, bench_run *run)
{
    uint64_t total = (uint64_t)(request->count > 0 ? request->count : MEGABYTES) * MEGABYTE;
    river self = {.bell = bench_bell_open()};
    double seconds = 0;
    bench_request by_c = *request;
    by_c.face = BENCH_C;
    tool_exit code = bench_side_connect(&self.side, &by_c, run);
    if (code == TOOL_DONE) {
        autobus_result result = run_river(&self, total, &seconds);
        if (result != AUTOBUS_OK && !run->is_interrupted) {
            tool_complain("the stream broke off: %s", autobus_result_text(result));
        }
        code = tool_exit_of(result);
    }
    bench_side_close(&self.side);
    close(self.bell);
    if (run->is_interrupted) {
        return TOOL_INTERRUPTED;
    }
    if (code == TOOL_DONE) {
        bench_run_wipe(run);
        report(&by_c, total, seconds);
    }
    return code;
}
