/* SPDX-License-Identifier: MIT
 * Two faces behind one. What it adds to a call is one branch. */
#include "bench/line.h"

#include <stdlib.h>

#include <autobus/raw.h>

#include "tool/text.h"

struct bench_line {
    bench_face face;
    int limit_ms;
    autobus_bus *bus; /* of the C face */
    autobus_remote *remote;
    autobus_handle raw_bus, raw_remote; /* of the raw one */
    bench_answer_fn *heard;
    void *userdata;
};

static autobus_result open_c(bench_line *self, const bench_request *request,
                             const tool_place *place)
{
    tool_family family = request->family;
    family.discovery = "none";
    autobus_result result = tool_family_bus(&family, false, &self->bus);
    if (result == AUTOBUS_OK) {
        result = autobus_connect_to(self->bus, place->host, place->port, place->id, self->limit_ms,
                                    &self->remote);
    }
    return result;
}

static autobus_result open_raw(bench_line *self, const tool_place *place)
{
    autobus_result result = autobus_raw_bus_new("{'sources': 'none'}", &self->raw_bus);
    if (result == AUTOBUS_OK) {
        result = autobus_raw_connect(self->raw_bus, place->host, place->port, place->id,
                                     self->limit_ms, &self->raw_remote);
    }
    return result;
}

autobus_result bench_line_open(const bench_request *request, const tool_place *place,
                               bench_line **ret_line)
{
    bench_line *self = tool_text_checked(calloc(1, sizeof *self));
    self->face = request->face;
    self->limit_ms = request->limit_ms;
    autobus_result result =
        self->face == BENCH_C ? open_c(self, request, place) : open_raw(self, place);
    if (result != AUTOBUS_OK) {
        bench_line_close(&self);
    }
    *ret_line = self;
    return result;
}

void bench_line_close(bench_line **line)
{
    bench_line *self = *line;
    *line = NULL;
    if (self != NULL) {
        autobus_remote_free(&self->remote);
        autobus_bus_free(&self->bus);
        autobus_raw_free(self->raw_remote);
        autobus_raw_free(self->raw_bus);
        free(self);
    }
}

autobus_result bench_line_call(bench_line *self, const char *name, const char *arguments,
                               char **ret_answer)
{
    if (self->face == BENCH_C) {
        return autobus_call_text(self->remote, name, arguments, self->limit_ms, ret_answer);
    }
    return autobus_raw_call(self->raw_remote, name, arguments, self->limit_ms, ret_answer);
}

void bench_line_on_answer(bench_line *self, bench_answer_fn *heard, void *userdata)
{
    self->heard = heard;
    self->userdata = userdata;
}

static void hear_c(void *userdata, const autobus_message *message)
{
    const bench_line *self = userdata;
    self->heard(self->userdata, autobus_message_result(message),
                autobus_message_text(message, NULL));
}

static void hear_raw(void *userdata, const autobus_raw_news *news)
{
    const bench_line *self = userdata;
    self->heard(self->userdata, (autobus_result)news->result, news->bytes);
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
