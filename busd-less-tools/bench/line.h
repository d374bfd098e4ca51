/* SPDX-License-Identifier: MIT
 * A line: this side's bus and its connection to the service that is measured, through the C face of the library
 * or the raw one. */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include <autobus/autobus.h>

#include "bench/place.h"
#include "bench/run.h"

typedef struct bench_line bench_line;

/** An answer; `text` is borrowed. On the bus thread. */
typedef void bench_answer_fn(void *userdata, autobus_result result, const char *text);

/** Connects the way that was asked for (bench/way.h), and no other. TOOL_DONE; else *ret_line is NULL, and it has said
 *  why. */
tool_exit bench_line_open(const bench_request *request, const tool_place *place,
                          bench_line **ret_line);
/** No answer is told after it. */
void bench_line_close(bench_line **line);

/** Calls, and waits for the answer as the library does; free() it. */
autobus_result bench_line_call(bench_line *self, const char *name, const char *arguments,
                               char **ret_answer);
/** Who hears the answers of bench_line_send(). */
void bench_line_on_answer(bench_line *self, bench_answer_fn *heard, void *userdata);
autobus_result bench_line_send(bench_line *self, const char *name, const char *arguments);

/** The connection, where the C face is in use; else NULL. */
autobus_remote *bench_line_remote(bench_line *self);

#endif
