/* SPDX-License-Identifier: MIT
 * Two faces behind one. What it adds to a call is one branch. */
#include "bench/line.h"

#include <stdlib.h>
#include <time.h>

#include <autobus/raw.h>
#include <json-c/json.h>

#include "bench/way.h"
#include "tool/clock.h"
#include "tool/start.h"
#include "tool/text.h"

enum {
    TURN_MS = 20
};

struct bench_line {
    bench_face face;
    int limit_ms;
    autobus_bus *bus; /* of the C face */
    autobus_remote *remote;
    autobus_handle raw_bus, raw_remote; /* of the raw one */
    bench_answer_fn *heard;
    void *userdata;
};

static autobus_result open_bus(bench_line *self, const bench_request *request)
{
    bool is_unix = bench_way_is_unix(request);
    if (self->face == BENCH_RAW) {
        return autobus_raw_bus_new(is_unix ? "{}" : "{'sources': 'none'}", &self->raw_bus);
    }
    tool_family family = request->family;
    family.discovery = is_unix ? family.discovery : "none";
    return tool_family_bus(&family, false, &self->bus);
}

static autobus_result dial(bench_line *self, const tool_place *place)
{
    if (self->face == BENCH_RAW) {
        return autobus_raw_connect(self->raw_bus, place->host, place->port, place->id,
                                   self->limit_ms, &self->raw_remote);
    }
    return autobus_connect_to(self->bus, place->host, place->port, place->id, self->limit_ms,
                              &self->remote);
}

static void hang_up(bench_line *self)
{
    autobus_remote_free(&self->remote);
    autobus_raw_free(self->raw_remote);
    self->raw_remote = 0;
}

static bool has_gone_by_unix(const bench_line *self)
{
    if (self->face == BENCH_C) {
        return autobus_bus_stat(self->bus, AUTOBUS_STAT_BOUND_UNIX) > 0;
    }
    char *text = autobus_raw_bus_stats(self->raw_bus);
    json_object *stats = json_tokener_parse(text);
    json_object *count;
    bool is_told = json_object_object_get_ex(stats, "bound_unix", &count);
    bool is_unix = is_told && json_object_get_int64(count) > 0;
    json_object_put(stats);
    free(text);
    return is_unix;
}

/* Until it is known who lives there, the way leads by TCP. */
static tool_exit dial_by_unix(bench_line *self, const tool_place *place)
{
    int64_t end = tool_clock_ms() + self->limit_ms;
    for (;;) {
        autobus_result result = dial(self, place);
        if (result != AUTOBUS_OK) {
            return tool_complain_of(result);
        }
        if (has_gone_by_unix(self)) {
            return TOOL_DONE;
        }
        hang_up(self);
        if (tool_clock_ms() >= end) {
            tool_complain(
                "the connection goes by TCP, not over a unix socket: both sides must be one "
                "user's, on one machine, with one AUTOBUS_RUNTIME_DIR and one --port");
            return TOOL_FAILED;
        }
        nanosleep(&(struct timespec){.tv_nsec = TURN_MS * 1000000L}, NULL);
    }
}

static tool_exit begin(bench_line *self, const bench_request *request, const tool_place *place)
{
    autobus_result result = open_bus(self, request);
    if (result == AUTOBUS_OK && bench_way_is_unix(request)) {
        return dial_by_unix(self, place);
    }
    if (result == AUTOBUS_OK) {
        result = dial(self, place);
    }
    return result == AUTOBUS_OK ? TOOL_DONE : tool_complain_of(result);
}

tool_exit bench_line_open(const bench_request *request, const tool_place *place,
                          bench_line **ret_line)
{
    bench_line *self = tool_text_checked(calloc(1, sizeof *self));
    self->face = request->face;
    self->limit_ms = request->limit_ms;
    tool_exit code = begin(self, request, place);
    if (code != TOOL_DONE) {
        bench_line_close(&self);
    }
    *ret_line = self;
    return code;
}

void bench_line_close(bench_line **line)
{
    bench_line *self = *line;
    *line = NULL;
    if (self != NULL) {
        hang_up(self);
        autobus_bus_free(&self->bus);
        autobus_raw_free(self->raw_bus);
        free(self);
    }
}

/* What is asked here is right. To whom it is not, that is no bench: its mistake, not ours. */
static autobus_result blamed(autobus_result result)
{
    return result == AUTOBUS_INVALID ? AUTOBUS_REMOTE : result;
}

autobus_result bench_line_call(bench_line *self, const char *name, const char *arguments,
                               char **ret_answer)
{
    if (self->face == BENCH_C) {
        return blamed(autobus_call_text(self->remote, name, arguments, self->limit_ms, ret_answer));
    }
    return blamed(autobus_raw_call(self->raw_remote, name, arguments, self->limit_ms, ret_answer));
}

void bench_line_on_answer(bench_line *self, bench_answer_fn *heard, void *userdata)
{
    self->heard = heard;
    self->userdata = userdata;
}

static void hear_c(void *userdata, const autobus_message *message)
{
    const bench_line *self = userdata;
    self->heard(self->userdata, blamed(autobus_message_result(message)),
                autobus_message_text(message, NULL));
}

static void hear_raw(void *userdata, const autobus_raw_news *news)
{
    const bench_line *self = userdata;
    self->heard(self->userdata, blamed((autobus_result)news->result), news->bytes);
}

autobus_result bench_line_send(bench_line *self, const char *name, const char *arguments)
{
    if (self->face == BENCH_C) {
        return autobus_call_text_async(self->remote, name, arguments, self->limit_ms,
                                       AUTOBUS_UNBOUND_FAIL, hear_c, self, NULL, NULL);
    }
    return autobus_raw_call_async(self->raw_remote, name, arguments, self->limit_ms,
                                  AUTOBUS_UNBOUND_FAIL, hear_raw, self, NULL, NULL);
}

autobus_remote *bench_line_remote(bench_line *self)
{
    return self->remote;
}
