/* SPDX-License-Identifier: MIT
 * Counting events. */
#include "bench/listen.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <autobus/autobus.h>

#include "bench/line.h"
#include "tool/start.h"

/* Only the bus thread counts. */
typedef struct ear {
    autobus_remote *remote;
    long number;
    uint64_t step, heard;
} ear;

static void tell(const ear *self)
{
    char arguments[64];
    snprintf(arguments, sizeof arguments, "[%ld,%" PRIu64 "]", self->number, self->heard);
    (void)autobus_send_text(self->remote, "heard", arguments, AUTOBUS_UNBOUND_DROP, NULL);
}

static void hear_tick(void *userdata, const autobus_message *message)
{
    ear *self = userdata;
    (void)message;
    if (++self->heard % self->step == 0) {
        tell(self);
    }
}

static void hear_last(void *userdata, const autobus_message *message)
{
    ear *self = userdata;
    (void)message;
    self->heard++;
    tell(self);
}

/* The answer to a call comes behind the listening: from then on nothing is missed. */
static autobus_result tune_in(bench_line *line, ear *self)
{
    char *answer = NULL;
    self->remote = bench_line_remote(line);
    autobus_result result = autobus_listen(self->remote, "tick", hear_tick, self, NULL, NULL);
    if (result == AUTOBUS_OK) {
        result = autobus_listen(self->remote, "last", hear_last, self, NULL, NULL);
    }
    if (result == AUTOBUS_OK) {
        result = bench_line_call(line, "echo", "[]", &answer);
    }
    free(answer);
    return result;
}

tool_exit bench_listen(const bench_request *request, int signals)
{
    bench_run run;
    tool_place place;
    bench_line *line;
    long step = request->window / 4;
    ear self = {.number = request->count - 1, .step = step > 0 ? (uint64_t)step : 1};
    bench_run_init(&run, request->verb, signals, true);
    if (request->place == NULL || !bench_place_parse(&place, request->place)) {
        tool_complain("listen needs a PLACE: HOST:PORT/ID");
        return TOOL_USAGE;
    }
    tool_exit code = bench_line_open(request, &place, &line);
    if (code == TOOL_DONE) {
        autobus_result result = tune_in(line, &self);
        code = result == AUTOBUS_OK ? TOOL_DONE : tool_complain_of(result);
    }
    if (code == TOOL_DONE) {
        puts("ready");
        fflush(stdout);
        struct pollfd both[] = {{.fd = signals, .events = POLLIN},
                                {.fd = STDIN_FILENO, .events = POLLIN}};
        while (bench_run_goes_on(&run) && both[1].revents == 0) {
            poll(both, 2, -1);
        }
    }
    bench_line_close(&line);
    tool_place_fini(&place);
    return code;
}
