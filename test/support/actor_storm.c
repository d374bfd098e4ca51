/* SPDX-License-Identifier: MIT
 * A storm of calls: many threads call one function of a remote, synchronously and asynchronously by turns, some with
 * a timeout that is too short, some cancelled at once and some a little later, some on a proxy that is freed under
 * them; and it is counted how often each call completed. Every call has a number of its own as its argument. */
#include "support/actor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct storm storm;
struct storm {
    autobus_remote *remote;
    autobus_bus *bus;
    char *name, *listener, *filter; /* filter: of proxies to be freed; NULL: none */
    int threads, timeout_ms, first, pause_us;
    int count, most; /* it goes on for `count` calls, and then until it is stopped or made `most` */
    bool is_calm;    /**< no cancels and no short timeouts */
    atomic_int next;
    atomic_bool is_over;
    atomic_int *completions; /* of each call */
    atomic_int *results;     /* of each call: BEGUN, a result + 1; 0: never made */
};

#define BEGUN (-1)

typedef struct one_call {
    storm *in;
    int number;
} one_call;

static _Atomic(storm *) current;

static void complete(storm *in, int number, autobus_result result)
{
    atomic_store(&in->results[number], (int)result + 1);
    atomic_fetch_add(&in->completions[number], 1);
}

static void hear_answer(void *userdata, const autobus_message *answer)
{
    one_call *call = userdata;
    complete(call->in, call->number, autobus_message_result(answer));
}

static json_object *number_as_arguments(const storm *in, int number)
{
    json_object *arguments = json_object_new_array();
    json_object_array_add(arguments, json_object_new_int(in->first + number));
    return arguments;
}

static uint64_t call_asynchronously(storm *in, autobus_remote *remote, int number, int timeout_ms)
{
    one_call *call = malloc(sizeof *call);
    *call = (one_call){in, number};
    uint64_t id = 0;
    autobus_result result =
        autobus_call_async(remote, in->name, number_as_arguments(in, number), timeout_ms,
                           AUTOBUS_UNBOUND_DEFAULT, hear_answer, call, free, &id);
    if (result != AUTOBUS_OK)
        complete(in, number, result); /* then nobody is called back */
    return id;
}

/* Its call may wait, be on its way, or be answered when the proxy is freed. */
static void call_and_free(storm *in, int number)
{
    autobus_remote *remote = NULL;
    autobus_result result = autobus_proxy_new(in->bus, autobus_filter_parse(in->filter), &remote);
    if (result != AUTOBUS_OK) {
        complete(in, number, result);
        return;
    }
    (void)call_asynchronously(in, remote, number, in->timeout_ms);
    (void)autobus_remote_wait(remote, number % 20);
    autobus_remote_free(&remote);
}

/* `last` is the call that this thread made before, and may cancel now. */
static void call_in_some_way(storm *in, int number, uint64_t *last)
{
    bool is_wild = !in->is_calm;
    int timeout_ms = is_wild && number % 11 == 0 ? 1 + number % 3 : in->timeout_ms;
    if (is_wild && in->filter != NULL && number % 251 == 0) {
        call_and_free(in, number);
    } else if (number % 2 == 0) {
        complete(
            in, number,
            autobus_call(in->remote, in->name, number_as_arguments(in, number), timeout_ms, NULL));
    } else {
        if (is_wild && number % 13 == 0)
            autobus_call_cancel(in->remote, *last);
        *last = call_asynchronously(in, in->remote, number, timeout_ms);
        if (is_wild && number % 7 == 0)
            autobus_call_cancel(in->remote, *last);
    }
}

/* A storm has its pace: each thread calls no more often than this. */
static void wait_until(int64_t next)
{
    for (int64_t left; (left = next - actor_now()) > 0;)
        nanosleep(&(struct timespec){.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000},
                  NULL);
}

static void *call_and_call(void *userdata)
{
    storm *in = userdata;
    uint64_t last = 0;
    for (;;) {
        int number = atomic_fetch_add(&in->next, 1);
        if (number >= in->most || (number >= in->count && atomic_load(&in->is_over)))
            return NULL;
        int64_t next = actor_now() + in->pause_us;
        atomic_store(&in->results[number], BEGUN);
        call_in_some_way(in, number, &last);
        wait_until(next);
    }
}

/* Numbers given out; not all became calls when it was stopped. */
static int given_by(const storm *in)
{
    int next = atomic_load(&in->next);
    return next < in->most ? next : in->most;
}

static bool was_made(const storm *in, int number)
{
    return atomic_load(&in->results[number]) != 0;
}

static void wait_until_complete(storm *in)
{
    struct timespec moment = {.tv_nsec = 1000000};
    int64_t end = actor_now() + ((int64_t)in->timeout_ms + 10000) * 1000;
    for (int number = 0; number < given_by(in) && actor_now() < end;)
        if (!was_made(in, number) || atomic_load(&in->completions[number]) > 0)
            number++;
        else
            nanosleep(&moment, NULL);
}

/* What became of it: counts by result, the calls that succeeded, and those not completed exactly once. */
static void report(storm *in)
{
    int counts[AUTOBUS_FORKED + 1] = {0};
    json_object *line = json_object_new_object(), *results = json_object_new_object();
    json_object *succeeded = json_object_new_array(), *wrong = json_object_new_array();
    int made = 0;
    for (int number = 0; number < given_by(in); number++) {
        int result = atomic_load(&in->results[number]) - 1;
        if (!was_made(in, number))
            continue;
        made++;
        if (atomic_load(&in->completions[number]) != 1)
            json_object_array_add(wrong, json_object_new_int(in->first + number));
        if (result >= 0)
            counts[result]++;
        if (result == AUTOBUS_OK)
            json_object_array_add(succeeded, json_object_new_int(in->first + number));
    }
    for (int result = 0; result <= AUTOBUS_FORKED; result++)
        if (counts[result] > 0)
            json_object_object_add(results, autobus_result_text((autobus_result)result),
                                   json_object_new_int(counts[result]));
    json_object_object_add(line, "event", json_object_new_string("stormed"));
    json_object_object_add(line, "listener", json_object_new_string(in->listener));
    json_object_object_add(line, "service", json_object_new_string(""));
    json_object_object_add(line, "t", json_object_new_int64(actor_now()));
    json_object_object_add(line, "made", json_object_new_int(made));
    json_object_object_add(line, "results", results);
    json_object_object_add(line, "succeeded", succeeded);
    json_object_object_add(line, "wrong", wrong);
    actor_say(line);
}

static void *run_storm(void *userdata)
{
    storm *in = userdata;
    pthread_t threads[64];
    for (int i = 0; i < in->threads; i++)
        if (pthread_create(&threads[i], NULL, call_and_call, in) != 0)
            abort();
    for (int i = 0; i < in->threads; i++)
        pthread_join(threads[i], NULL);
    wait_until_complete(in);
    report(in);
    return NULL; /* late completions would still look at it: it stays */
}

const char *actor_storm(json_object *command, json_object *answer)
{
    (void)answer;
    int count = actor_number(command, "count", 1000), threads = actor_number(command, "threads", 8);
    int most = actor_number(command, "most", count);
    const char *filter = actor_json(command, "filter", NULL);
    if (actor_remote_of(command) == NULL || count < 1 || most < count || threads < 1 ||
        threads > 64)
        return "no such remote";
    storm *in = calloc(1, sizeof *in);
    in->remote = actor_remote_of(command);
    in->name = strdup(actor_text(command, "name"));
    in->listener = strdup(actor_text(command, "listener"));
    in->threads = threads;
    in->count = count;
    in->most = most;
    in->bus = actor_bus_of(command);
    in->filter = filter != NULL ? strdup(filter) : NULL;
    in->pause_us = actor_number(command, "pause_us", 0);
    in->timeout_ms = actor_number(command, "timeout_ms", 5000);
    in->first = actor_number(command, "first", 0);
    in->is_calm = actor_number(command, "calm", 0) != 0;
    in->completions = calloc((size_t)most, sizeof *in->completions);
    in->results = calloc((size_t)most, sizeof *in->results);
    atomic_store(&current, in);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_storm, in) != 0)
        abort();
    pthread_detach(thread);
    return NULL;
}

const char *actor_stop_storm(json_object *command, json_object *answer)
{
    (void)command;
    (void)answer;
    storm *in = atomic_load(&current);
    if (in == NULL)
        return "there is no storm";
    atomic_store(&in->is_over, true);
    return NULL;
}
