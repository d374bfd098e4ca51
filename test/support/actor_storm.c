/* SPDX-License-Identifier: MIT
 * A storm of calls: many threads call one function of a remote, synchronously and asynchronously by turns, some with
 * a timeout that is too short and some cancelled at once; and it is counted how often each call completed. Every
 * call has a number of its own as its argument. */
#include "support/actor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct storm storm;
struct storm {
    autobus_remote *remote;
    char *name, *listener;
    int threads, count, timeout_ms, first;
    bool is_calm; /**< no cancels and no short timeouts */
    atomic_int next;
    atomic_bool is_over;
    atomic_int *completions; /* of each call */
    atomic_int *results;     /* of each call: a result + 1 */
};

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

static void call_asynchronously(storm *in, int number)
{
    one_call *call = malloc(sizeof *call);
    *call = (one_call){in, number};
    uint64_t id = 0;
    bool is_short = !in->is_calm && number % 11 == 0,
         is_cancelled = !in->is_calm && number % 7 == 0;
    autobus_result result = autobus_call_async(
        in->remote, in->name, number_as_arguments(in, number), is_short ? 1 : in->timeout_ms,
        AUTOBUS_UNBOUND_DEFAULT, hear_answer, call, free, &id);
    if (result != AUTOBUS_OK)
        complete(in, number, result); /* then nobody is called back */
    else if (is_cancelled)
        autobus_call_cancel(in->remote, id);
}

static void *call_and_call(void *userdata)
{
    storm *in = userdata;
    int number;
    while (!atomic_load(&in->is_over) && (number = atomic_fetch_add(&in->next, 1)) < in->count)
        if (number % 2 == 0)
            complete(in, number,
                     autobus_call(in->remote, in->name, number_as_arguments(in, number),
                                  in->timeout_ms, NULL));
        else
            call_asynchronously(in, number);
    return NULL;
}

static int made_by(const storm *in)
{
    int next = atomic_load(&in->next);
    return next < in->count ? next : in->count;
}

static void wait_until_complete(storm *in)
{
    struct timespec moment = {.tv_nsec = 1000000};
    int64_t end = actor_now() + ((int64_t)in->timeout_ms + 10000) * 1000;
    for (int number = 0; number < made_by(in) && actor_now() < end;)
        if (atomic_load(&in->completions[number]) > 0)
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
    for (int number = 0; number < made_by(in); number++) {
        int result = atomic_load(&in->results[number]) - 1;
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
    json_object_object_add(line, "made", json_object_new_int(made_by(in)));
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
    if (actor_remote_of(command) == NULL || count < 1 || threads < 1 || threads > 64)
        return "no such remote";
    storm *in = calloc(1, sizeof *in);
    in->remote = actor_remote_of(command);
    in->name = strdup(actor_text(command, "name"));
    in->listener = strdup(actor_text(command, "listener"));
    in->threads = threads;
    in->count = count;
    in->timeout_ms = actor_number(command, "timeout_ms", 5000);
    in->first = actor_number(command, "first", 0);
    in->is_calm = actor_number(command, "calm", 0) != 0;
    in->completions = calloc((size_t)count, sizeof *in->completions);
    in->results = calloc((size_t)count, sizeof *in->results);
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
