/* SPDX-License-Identifier: MIT
 * The paths of calls and events through two buses of this process, from the raw face on one side to the C face on the
 * other and back. One bus speaks at a time: a batch is said in one turn, leaves as one piece, and is all heard before
 * the next; so the order of threads changes nothing worth counting. */
#include <semaphore.h>
#include <string.h>

#include <autobus/raw.h>

#include "bench/census.h"
#include "bench/paths/paths.h"

#define ARGUMENTS "[\"0123456789012345678901234567890123456789012345678901234567890123\"]"
#define PATIENCE  60000 /* ms */
#define CALLS     200   /* one after the other */
#define WARMING   3     /* batches, and calls */
#define BATCH     64    /* said at once, as one piece */
#define BATCHES   10
#define LISTENERS 64
#define CROWD     1000

/* The two buses, and what is under way between them. */
typedef struct talk {
    autobus_bus *home;
    autobus_service *service;
    autobus_handle away, remotes[LISTENERS];
    size_t listeners;
    void (*say)(struct talk *self); /* a batch */
    size_t expected, heard, batches;
    sem_t over;
} talk;

static void echo(void *userdata, autobus_request *request)
{
    (void)userdata;
    bench_insist(autobus_request_answer_text(request, autobus_request_text(request)), "no answer");
}

static void fire(void *userdata, autobus_request *request)
{
    const talk *self = userdata;
    (void)request;
    for (size_t i = 0; i < BATCH; i++)
        bench_insist(autobus_service_fire_text(self->service, "tick", ARGUMENTS), "no event");
}

static void offer(talk *self)
{
    autobus_options *options = autobus_options_new();
    bench_insist(autobus_options_set_text(options, AUTOBUS_SOURCES, "none"), "no options");
    bench_insist(autobus_options_set_number(options, AUTOBUS_LOOK_OUT_US, 0), "no options");
    bench_insist(autobus_bus_new(options, &self->home), "no bus");
    self->service = autobus_service_parse(self->home, "{'type': 'paths'}");
    bench_insist(autobus_service_set_id(self->service, "paths"), "no id");
    bench_insist(
        autobus_service_add_function(self->service, "echo", NULL, AUTOBUS_INLINE, echo, NULL, NULL),
        "no function");
    bench_insist(
        autobus_service_add_function(self->service, "fire", NULL, AUTOBUS_INLINE, fire, self, NULL),
        "no function");
    bench_insist(autobus_service_add_event(self->service, "tick", NULL), "no event");
    bench_insist(autobus_service_publish(self->service), "no service");
}

static autobus_handle visitor(const char *wire)
{
    char options[80];
    autobus_handle bus;
    snprintf(options, sizeof options, "{'sources': 'none', 'wire': '%s', 'look_out_us': 0}", wire);
    bench_insist(autobus_raw_bus_new(options, &bus), "no bus");
    return bus;
}

static void connect_to(const talk *self, autobus_handle bus, autobus_handle *remotes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bench_insist(autobus_raw_connect(bus, "127.0.0.1", autobus_bus_port(self->home), "paths",
                                         PATIENCE, &remotes[i]),
                     "no connection");
}

static void begin(talk *self, const char *wire, size_t remotes)
{
    *self = (talk){.listeners = remotes};
    sem_init(&self->over, 0, 0);
    offer(self);
    self->away = visitor(wire);
    connect_to(self, self->away, self->remotes, remotes);
}

static void end(talk *self)
{
    for (size_t i = 0; i < self->listeners; i++)
        autobus_raw_free(self->remotes[i]);
    autobus_raw_free(self->away);
    autobus_service_free(&self->service);
    autobus_bus_free(&self->home);
    sem_destroy(&self->over);
}

/* On the bus thread, but for the first, which is not counted. */
static void say_next(talk *self)
{
    self->heard = 0;
    if (self->batches == WARMING)
        paths_begin();
    if (self->batches++ < WARMING + BATCHES) {
        self->say(self);
        return;
    }
    paths_end();
    sem_post(&self->over);
}

static void hear(void *userdata, const autobus_raw_news *news)
{
    talk *self = userdata;
    bench_insist((autobus_result)news->result, news->error);
    if (++self->heard == self->expected)
        say_next(self);
}

static size_t run(talk *self)
{
    say_next(self);
    while (sem_wait(&self->over) != 0)
        continue;
    size_t counted = BATCHES * self->expected;
    end(self);
    return counted;
}

static void ask_echo(talk *self)
{
    for (size_t i = 0; i < BATCH; i++)
        bench_insist(autobus_raw_call_async(self->remotes[0], "echo", ARGUMENTS, PATIENCE, 0, hear,
                                            self, NULL, NULL),
                     "no call");
}

size_t paths_calls(const char *wire)
{
    talk self;
    begin(&self, wire, 1);
    self.say = ask_echo;
    self.expected = BATCH;
    return run(&self);
}

static void ask_fire(talk *self)
{
    uint64_t count;
    bench_insist(autobus_raw_send(self->remotes[0], "fire", "[]", 0, &count), "no firing");
}

static size_t events_to(const char *wire, size_t listeners)
{
    talk self;
    begin(&self, wire, listeners);
    self.say = ask_fire;
    self.expected = BATCH * listeners;
    for (size_t i = 0; i < listeners; i++) {
        char *answer;
        bench_insist(autobus_raw_listen(self.remotes[i], "tick", hear, &self, NULL, NULL),
                     "no listener");
        /* What is answered later was heard later: the listener is known. */
        bench_insist(autobus_raw_call(self.remotes[i], "echo", "[]", PATIENCE, &answer), "no echo");
        autobus_raw_text_free(answer);
    }
    return run(&self);
}

size_t paths_events_to_one(const char *wire)
{
    return events_to(wire, 1);
}

size_t paths_events_to_8(const char *wire)
{
    return events_to(wire, 8);
}

size_t paths_events_to_64(const char *wire)
{
    return events_to(wire, LISTENERS);
}

static void call_and_wait(const talk *self)
{
    for (size_t i = 0; i < WARMING + CALLS; i++) {
        char *answer;
        if (i == WARMING)
            paths_begin();
        bench_insist(autobus_raw_call(self->remotes[0], "echo", ARGUMENTS, PATIENCE, &answer),
                     "no answer");
        autobus_raw_text_free(answer);
    }
    paths_end();
}

size_t paths_call(const char *wire)
{
    talk self;
    begin(&self, wire, 1);
    call_and_wait(&self);
    end(&self);
    return CALLS;
}

/* In lines each of the crowd has a connection of its own: on the side that is asked, and if the call is in lines too,
 * on the side that asks. */
size_t paths_call_in_a_crowd(const char *wire)
{
    static autobus_handle crowd[CROWD];
    talk self;
    begin(&self, wire, 1);
    bool is_in_lines = strcmp(wire, "lines") == 0;
    autobus_handle others = is_in_lines ? self.away : visitor("lines");
    connect_to(&self, others, crowd, CROWD);
    call_and_wait(&self);
    for (size_t i = 0; i < CROWD; i++)
        autobus_raw_free(crowd[i]);
    if (!is_in_lines)
        autobus_raw_free(others);
    end(&self);
    return CALLS;
}
