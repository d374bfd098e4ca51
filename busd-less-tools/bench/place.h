/* SPDX-License-Identifier: MIT
 * A place: where a service is, as HOST:PORT/ID. A TYPE becomes one by looking at the network. */
#ifndef BENCH_PLACE_H
#define BENCH_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/request.h"
#include "bench/run.h"

typedef struct bench_place {
    char *text; /* of which the others are parts; owned */
    char *host;
    uint16_t port;
    char *id;
} bench_place;

/** Reads HOST:PORT/ID, with brackets around an IPv6 address; false if `text` is none. */
bool bench_place_parse(bench_place *self, const char *text);
/** Looks for the one service of a type. TOOL_NOTHING, TOOL_AMBIGUOUS: it says so. */
tool_exit bench_place_find(bench_place *self, const bench_request *request, bench_run *run);
void bench_place_fini(bench_place *self);

/** It as one reads and types it. free() it. */
char *bench_place_text(const char *host, uint16_t port, const char *id);

#endif
