/* SPDX-License-Identifier: MIT
 * The remotes of the actor, by name, and what is heard from them. Knows the public API. Used by the main thread
 * only; callbacks run on a bus thread and touch nothing but the name they speak for. */
#include "support/actor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct place place;
struct place {
    autobus_remote *remote;
    autobus_bus *bus;
    char *name;
    place *next;
};

static place *places;

static const char *verdict(autobus_result result)
{
    return result == AUTOBUS_OK ? NULL : autobus_last_error();
}

static place *find_place(json_object *command)
{
    const char *name = actor_text(command, "remote");
    for (place *one = places; one != NULL; one = one->next)
        if (strcmp(one->name, name != NULL ? name : "remote") == 0)
            return one;
    return NULL;
}

autobus_remote *actor_remote_of(json_object *command)
{
    place *here = find_place(command);
    return here != NULL ? here->remote : NULL;
}

/* Making them. */

static const char *remember(json_object *command, json_object *answer, autobus_result result,
                            autobus_remote *remote)
{
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    if (result != AUTOBUS_OK)
        return autobus_last_error();
    const char *name = actor_text(command, "remote");
    place *new = calloc(1, sizeof *new);
    *new = (place){.remote = remote,
                   .bus = actor_bus_of(command),
                   .name = strdup(name != NULL ? name : "remote"),
                   .next = places};
    places = new;
    return NULL;
}

static const char *make_proxy(json_object *command, json_object *answer, bool is_multi)
{
    autobus_bus *bus = actor_bus_of(command);
    const char *filter = actor_json(command, "filter", NULL);
    autobus_remote *remote = NULL;
    if (bus == NULL)
        return "no such bus";
    autobus_result result = (is_multi ? autobus_multi_new : autobus_proxy_new)(
        bus, filter != NULL ? autobus_filter_parse(filter) : NULL, &remote);
    return remember(command, answer, result, remote);
}

const char *actor_proxy(json_object *command, json_object *answer)
{
    return make_proxy(command, answer, false);
}

const char *actor_multi(json_object *command, json_object *answer)
{
    return make_proxy(command, answer, true);
}

/* To "service" as it was discovered, or to it at "host" and "port". */
const char *actor_connect(json_object *command, json_object *answer)
{
    autobus_bus *bus = actor_bus_of(command);
    const char *host = actor_text(command, "host"), *id = actor_text(command, "service");
    int timeout_ms = actor_number(command, "timeout_ms", 5000);
    autobus_remote *remote = NULL;
    autobus_sighting *sighting = NULL;
    autobus_result result;
    if (bus == NULL)
        return "no such bus";
    if (host != NULL) {
        uint16_t port = (uint16_t)actor_number(command, "port", 0);
        result = autobus_connect_to(bus, host, port, id, timeout_ms, &remote);
    } else {
        result = autobus_bus_find(bus, id, &sighting);
        if (result == AUTOBUS_OK)
            result = autobus_connect(bus, sighting, timeout_ms, &remote);
    }
    autobus_sighting_free(&sighting);
    return remember(command, answer, result, remote);
}

static void drop(place **at)
{
    place *old = *at;
    *at = old->next;
    autobus_remote_free(&old->remote);
    free(old->name);
    free(old);
}

void actor_drop_remotes(autobus_bus *bus)
{
    for (place **at = &places; *at != NULL;)
        if ((*at)->bus == bus)
            drop(at);
        else
            at = &(*at)->next;
}

const char *actor_forget(json_object *command, json_object *answer)
{
    (void)answer;
    place *here = find_place(command), **at = &places;
    if (here == NULL)
        return "no such remote";
    while (*at != here)
        at = &(*at)->next;
    drop(at);
    return NULL;
}

/* States. */

const char *actor_disconnect(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote_close(actor_remote_of(command));
    return NULL;
}

const char *actor_wait(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    autobus_result result = autobus_remote_wait(remote, actor_number(command, "timeout_ms", 5000));
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    return verdict(result);
}

const char *actor_bound(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    json_object_object_add(answer, "bound",
                           json_object_new_int64((int64_t)autobus_remote_bound(remote)));
    return NULL;
}

static autobus_unbound policy_of(json_object *command)
{
    static const char *const names[] = {"default", "wait", "fail", "drop"};
    const char *policy = actor_text(command, "unbound");
    for (int i = 0; i < 4 && policy != NULL; i++)
        if (strcmp(policy, names[i]) == 0)
            return (autobus_unbound)i;
    return AUTOBUS_UNBOUND_DEFAULT;
}

const char *actor_unbound(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    return verdict(autobus_remote_set_unbound(remote, policy_of(command)));
}

/* Hearing: each under the name of a listener of the story. */

static void block_until_over(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0) {
    }
}

static void hear(void *userdata, const autobus_message *message)
{
    actor_say_message(userdata, message);
    /* One that is called "blocks12000" blocks as long. */
    if (strncmp(userdata, "blocks", 6) == 0)
        block_until_over(atol((const char *)userdata + 6));
}

const char *actor_watch(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    return verdict(autobus_watch(remote, actor_text(command, "name"), hear,
                                 strdup(actor_text(command, "listener")), free, NULL));
}

const char *actor_hear(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    return verdict(autobus_listen(remote, actor_text(command, "name"), hear,
                                  strdup(actor_text(command, "listener")), free, NULL));
}

const char *actor_state(json_object *command, json_object *answer)
{
    (void)answer;
    autobus_remote *remote = actor_remote_of(command);
    if (remote == NULL)
        return "no such remote";
    return verdict(autobus_remote_on_state(remote, true, hear,
                                           strdup(actor_text(command, "listener")), free, NULL));
}

const char *actor_values(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    json_object *values = NULL;
    if (remote == NULL)
        return "no such remote";
    autobus_result result = autobus_values(remote, actor_text(command, "name"), &values);
    json_object_object_add(answer, "values", values);
    return verdict(result);
}

/* Calls. */

static json_object *arguments_of(json_object *command)
{
    json_object *arguments = json_object_object_get(command, "args");
    return json_object_get(arguments); /* none: NULL */
}

const char *actor_call(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    json_object *value = NULL;
    if (remote == NULL)
        return "no such remote";
    autobus_result result = autobus_call(remote, actor_text(command, "name"), arguments_of(command),
                                         actor_number(command, "timeout_ms", 5000), &value);
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    json_object_object_add(answer, "value", value);
    return verdict(result);
}

const char *actor_ask(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    uint64_t call = 0;
    if (remote == NULL)
        return "no such remote";
    autobus_result result =
        autobus_call_async(remote, actor_text(command, "name"), arguments_of(command),
                           actor_number(command, "timeout_ms", 5000), policy_of(command), hear,
                           strdup(actor_text(command, "listener")), free, &call);
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    return verdict(result);
}

const char *actor_send(json_object *command, json_object *answer)
{
    autobus_remote *remote = actor_remote_of(command);
    size_t count = 0;
    if (remote == NULL)
        return "no such remote";
    autobus_result result = autobus_send(remote, actor_text(command, "name"), arguments_of(command),
                                         policy_of(command), &count);
    json_object_object_add(answer, "count", json_object_new_int64((int64_t)count));
    return verdict(result);
}
