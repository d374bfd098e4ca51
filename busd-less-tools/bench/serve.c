/* SPDX-License-Identifier: MIT
 * What is served: echo gives back its arguments, counts tells what the kernel has counted of us, fire and heard
 * belong to the events, sink is a stream that says how much it got. */
#include "bench/serve.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <autobus/autobus.h>
#include <json-c/json.h>

#include "bench/counts.h"
#include "bench/fire.h"
#include "bench/place.h"
#include "bench/way.h"
#include "tool/start.h"
#include "tool/text.h"

static void echo(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer_text(request, autobus_request_text(request));
}

static void tell_counts(void *userdata, autobus_request *request)
{
    bench_counts counts;
    (void)userdata;
    if (!bench_counts_of(getpid(), &counts)) {
        autobus_request_fail(request, "this kernel counts nothing");
        return;
    }
    char *text =
        tool_text_format("{\"sleeps\":%ld,\"threads\":%ld,\"resident_kb\":%ld,"
                         "\"private_kb\":%ld}",
                         counts.sleeps, counts.threads, counts.resident_kb, counts.private_kb);
    autobus_request_answer_text(request, text);
    free(text);
}

/* A stream that is being filled. Its callbacks and its end come one after the other. */
typedef struct sink {
    autobus_channel *channel;
    uint64_t bytes;
} sink;

static void free_sink(void *userdata)
{
    sink *self = userdata;
    autobus_channel_free(&self->channel);
    free(self);
}

static void hear_sink(void *userdata, const autobus_message *message)
{
    sink *self = userdata;
    size_t length = 0;
    if (autobus_message_kind(message) == AUTOBUS_BLOB) {
        (void)autobus_message_bytes(message, &length);
        self->bytes += length;
    } else if (autobus_message_kind(message) == AUTOBUS_ENDED) {
        char total[32];
        int digits = snprintf(total, sizeof total, "%" PRIu64 "\n", self->bytes);
        autobus_channel_write(self->channel, total, (size_t)digits, NULL);
        autobus_channel_end(self->channel);
    } else if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW) {
        autobus_channel_free(&self->channel);
    }
}

static void accept_sink(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    sink *self = tool_text_checked(calloc(1, sizeof *self));
    self->channel = offered;
    if (autobus_channel_accept(offered, hear_sink, self, free_sink) != AUTOBUS_OK) {
        self->channel = NULL;
    }
}

static autobus_result fill_in(autobus_service *service, bench_fire *fire)
{
    autobus_result result = autobus_service_set_doc(service, "The other side of autobus-bench.");
    if (result == AUTOBUS_OK) {
        result =
            autobus_service_add_function(service, "echo", NULL, AUTOBUS_INLINE, echo, NULL, NULL);
    }
    if (result == AUTOBUS_OK) {
        result = autobus_service_add_function(service, "counts", NULL, AUTOBUS_INLINE, tell_counts,
                                              NULL, NULL);
    }
    if (result == AUTOBUS_OK) {
        result = autobus_service_add_channel(service, "sink", NULL, true, accept_sink, NULL, NULL);
    }
    if (result == AUTOBUS_OK) {
        result = bench_fire_offer(fire, service);
    }
    return result == AUTOBUS_OK ? autobus_service_publish(service) : result;
}

/* Until a signal that ends it, or the end of standard input where that counts. */
static tool_exit stay(const bench_request *request, bench_run *run)
{
    struct pollfd both[] = {{.fd = run->signals, .events = POLLIN},
                            {.fd = request->is_attached ? STDIN_FILENO : -1, .events = POLLIN}};
    while (bench_run_goes_on(run)) {
        char said[64];
        poll(both, 2, -1);
        if (both[1].revents != 0 && read(STDIN_FILENO, said, sizeof said) <= 0) {
            return TOOL_DONE;
        }
    }
    return TOOL_INTERRUPTED;
}

static void say_place(const bench_request *request, autobus_bus *bus,
                      const autobus_service *service)
{
    char *place = tool_place_text("127.0.0.1", autobus_bus_port(bus), autobus_service_id(service));
    puts(place);
    fflush(stdout);
    if (!request->is_attached && !bench_way_is_unix(request)) {
        tool_family_hint(&request->family, "From elsewhere by its type, or with this machine's "
                                           "address instead of 127.0.0.1. Ctrl-C ends it.");
    }
    free(place);
}

tool_exit bench_serve(const bench_request *request, int signals)
{
    bench_run run;
    bench_run_init(&run, request->verb, signals, request->family.is_quiet);
    autobus_bus *bus;
    autobus_result result = tool_family_bus(&request->family, false, &bus);
    if (result != AUTOBUS_OK) {
        return tool_complain_of(result);
    }
    json_object *info = tool_text_checked(json_object_new_object());
    const char *type = request->place != NULL ? request->place : "bench";
    json_object_object_add(info, "type", tool_text_checked(json_object_new_string(type)));
    autobus_service *service = tool_text_checked(autobus_service_new(bus, info));
    bench_fire *fire = bench_fire_new(service);
    result = fill_in(service, fire);
    tool_exit code;
    if (result == AUTOBUS_OK) {
        say_place(request, bus, service);
        code = stay(request, &run);
    } else {
        code = tool_complain_of(result);
    }
    bench_fire_stop(fire);
    autobus_service_free(&service);
    autobus_bus_free(&bus);
    bench_fire_free(&fire);
    return code;
}
