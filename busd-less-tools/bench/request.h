/* SPDX-License-Identifier: MIT
 * What autobus-bench was asked for: its command line, understood. It starts nothing. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include <stdbool.h>

#include "tool/exit.h"
#include "tool/family.h"
#include "tool/options.h"
#include "tool/paper.h"

typedef enum bench_face {
    BENCH_C,
    BENCH_RAW
} bench_face;

typedef struct bench_request {
    tool_family family;
    tool_paper paper;
    const char *verb;  /**< rtt, calls, events, stream, discovery, idle, or serve, listen */
    const char *place; /**< HOST:PORT/ID or a TYPE; NULL: a second process of our own */
    const char *transport, *wire;
    bench_face face;
    long count; /**< 0: as the benchmark pleases */
    long payload, window, listeners;
    long spin_us; /**< on both sides, where that is one of ours; 0: as the environment says */
    int every_ms; /**< from the start of one call to that of the next; 0: back to back */
    int limit_ms; /**< how long to wait for what should be there */
    int span_ms;  /**< how long an idle process is looked at */
    bool wants_json;
    bool is_attached; /**< it was started by autobus-bench, and ends with its standard input */
    bool is_marked;   /**< it is being counted: it says where to begin and to end */
} bench_request;

extern const tool_command bench_command;

/** Reads the command line. True if there is work to do; else *ret_exit is how to end, and --help, --version
 *  or a sentence on what is wrong has been printed. */
bool bench_request_init(bench_request *self, int argc, char **argv, tool_exit *ret_exit);

#endif
