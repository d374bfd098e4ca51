/* SPDX-License-Identifier: MIT
 * What the actor's services consist of: functions that do one of a few things, events, objects, channels. Knows the
 * public API; handlers run on the library's threads and touch only what is theirs. */
#include "support/actor.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void wait_until_over(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0) {
    }
}

static int64_t first_number(autobus_request *request)
{
    return json_object_get_int64(autobus_request_argument(request, 0));
}

/* What functions do. */

static void do_echo(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer(request, json_object_get(autobus_request_argument(request, 0)));
}

static void do_add(void *userdata, autobus_request *request)
{
    (void)userdata;
    int64_t sum = 0;
    json_object *numbers = autobus_request_arguments(request);
    for (size_t i = 0; i < json_object_array_length(numbers); i++)
        sum += json_object_get_int64(json_object_array_get_idx(numbers, i));
    autobus_request_answer(request, json_object_new_int64(sum));
}

static void do_fail(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_fail(request, "I do not want to.");
}

static void do_sleep(void *userdata, autobus_request *request)
{
    (void)userdata;
    wait_until_over(first_number(request));
    autobus_request_answer(request, json_object_new_int64(first_number(request)));
}

/* Takes a millisecond. */
static void do_drag(void *userdata, autobus_request *request)
{
    (void)userdata;
    wait_until_over(1);
    autobus_request_answer(request, json_object_new_int64(first_number(request)));
}

static void *answer_later(void *userdata)
{
    autobus_request *request = userdata;
    wait_until_over(first_number(request));
    autobus_request_answer(request, json_object_new_int64(first_number(request)));
    autobus_request_free(&request);
    return NULL;
}

static void do_defer(void *userdata, autobus_request *request)
{
    (void)userdata;
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer_later, autobus_request_keep(request)) != 0)
        abort();
    pthread_detach(thread);
}

/* Never answered: held until the end. */
static pthread_mutex_t held_mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the next two */
static autobus_request *held[4096];
static size_t held_count;

static void do_hold(void *userdata, autobus_request *request)
{
    (void)userdata;
    pthread_mutex_lock(&held_mutex);
    if (held_count < sizeof held / sizeof *held)
        held[held_count++] = autobus_request_keep(request);
    pthread_mutex_unlock(&held_mutex);
}

/* An effect that outlives us: a line in a file, written before the answer. */
static void do_note(void *userdata, autobus_request *request)
{
    char line[32];
    int length = snprintf(line, sizeof line, "%lld\n", (long long)first_number(request));
    int file = open(userdata, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (file < 0 || write(file, line, (size_t)length) != length)
        abort();
    close(file);
    autobus_request_answer(request, json_object_new_int64(first_number(request)));
}

static const struct {
    const char *name;
    autobus_function_fn *handler;
} deeds[] = {
    {"echo", do_echo},   {"add", do_add},   {"fail", do_fail}, {"sleep", do_sleep},
    {"defer", do_defer}, {"hold", do_hold}, {"note", do_note}, {"drag", do_drag},
};

const char *actor_add_function(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    const char *name = actor_text(command, "name"), *does = actor_text(command, "does");
    if (service == NULL || name == NULL)
        return "no such service";
    const char *policy = actor_text(command, "policy"), *file = actor_text(command, "file");
    bool is_pool = policy != NULL && strcmp(policy, "pool") == 0;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        if (strcmp(does != NULL ? does : name, deeds[i].name) == 0)
            return autobus_service_add_function(
                       service, name, actor_json(command, "description", NULL),
                       is_pool ? AUTOBUS_POOL : AUTOBUS_INLINE, deeds[i].handler,
                       file != NULL ? strdup(file) : NULL, free) == AUTOBUS_OK
                       ? NULL
                       : autobus_last_error();
    return "it can do no such thing";
}

/* Events and objects. */

static const char *verdict(autobus_result result)
{
    return result == AUTOBUS_OK ? NULL : autobus_last_error();
}

const char *actor_add_event(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    if (service == NULL)
        return "no such service";
    return verdict(autobus_service_add_event(service, actor_text(command, "name"),
                                             actor_json(command, "description", NULL)));
}

const char *actor_fire(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    if (service == NULL)
        return "no such service";
    int times = actor_number(command, "times", 1);
    autobus_result result = AUTOBUS_OK;
    while (times-- > 0 && result == AUTOBUS_OK)
        result = autobus_service_fire_text(service, actor_text(command, "name"),
                                           actor_json(command, "args", "[]"));
    return verdict(result);
}

const char *actor_add_object(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    if (service == NULL)
        return "no such service";
    return verdict(autobus_service_add_object(
        service, actor_text(command, "name"), actor_json(command, "description", NULL),
        json_object_get(json_object_object_get(command, "value"))));
}

/* "value"; or "count": that many, 1, 2, …, each padded to "size" bytes, and an event "fires" after each. */
const char *actor_set(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    const char *name = actor_text(command, "name"), *event = actor_text(command, "fires");
    int count = actor_number(command, "count", 0), size = actor_number(command, "size", 0);
    if (service == NULL)
        return "no such service";
    if (count == 0)
        return verdict(
            autobus_service_set_text(service, name, actor_json(command, "value", "null")));
    char *text = malloc((size_t)size + 64), args[32];
    autobus_result result = AUTOBUS_OK;
    for (int i = 1; i <= count && result == AUTOBUS_OK; i++) {
        int used = sprintf(text, "[%d,\"", i);
        memset(text + used, 'x', (size_t)size);
        strcpy(text + used + size, "\"]");
        result = autobus_service_set_text(service, name, text);
        snprintf(args, sizeof args, "[%d]", i);
        if (event != NULL && result == AUTOBUS_OK)
            result = autobus_service_fire_text(service, event, args);
    }
    free(text);
    return verdict(result);
}

const char *actor_remove(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    const char *name = actor_text(command, "name"), *what = actor_text(command, "kind");
    if (service == NULL || what == NULL)
        return "no such service";
    if (strcmp(what, "function") == 0)
        return verdict(autobus_service_remove_function(service, name));
    if (strcmp(what, "event") == 0)
        return verdict(autobus_service_remove_event(service, name));
    if (strcmp(what, "object") == 0)
        return verdict(autobus_service_remove_object(service, name));
    return verdict(autobus_service_remove_channel(service, name));
}

/* Channels: what comes in goes back; a stream that ends is ended; "bye" closes. */

typedef struct guest guest;
struct guest {
    autobus_channel *channel;
    bool is_free;
};

static guest guests[1024];
static pthread_mutex_t guests_mutex =
    PTHREAD_MUTEX_INITIALIZER; /* guards the table, not its channels */

static void serve_guest(void *userdata, const autobus_message *message)
{
    guest *who = userdata;
    size_t length = 0;
    const void *bytes = autobus_message_bytes(message, &length);
    switch (autobus_message_kind(message)) {
    case AUTOBUS_DATA:
        if (strcmp(autobus_message_text(message, NULL), "\"bye\"") == 0)
            autobus_channel_close(who->channel, "You said bye.");
        else
            autobus_channel_send(who->channel, autobus_message_take(message));
        break;
    case AUTOBUS_BLOB: autobus_channel_write(who->channel, bytes, length, NULL); break;
    case AUTOBUS_ENDED: autobus_channel_end(who->channel); break;
    case AUTOBUS_CLOSED_NOW: autobus_channel_free(&who->channel); break;
    default: break;
    }
}

static void accept_guest(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    pthread_mutex_lock(&guests_mutex);
    guest *who = guests;
    while (who < guests + 1023 && who->channel != NULL)
        who++;
    if (who->channel == NULL &&
        autobus_channel_accept(offered, serve_guest, who, NULL) == AUTOBUS_OK)
        who->channel = offered;
    pthread_mutex_unlock(&guests_mutex);
}

const char *actor_add_channel(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_service *service = actor_service_of(command);
    if (service == NULL)
        return "no such service";
    return verdict(autobus_service_add_channel(
        service, actor_text(command, "name"), actor_json(command, "description", NULL),
        actor_number(command, "stream", 0) != 0, accept_guest, NULL, NULL));
}

void actor_drop_offers(void)
{
    while (held_count > 0)
        autobus_request_free(&held[--held_count]);
    for (guest *who = guests; who < guests + 1024; who++)
        autobus_channel_free(&who->channel);
}
