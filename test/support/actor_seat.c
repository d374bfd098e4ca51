/* SPDX-License-Identifier: MIT
 * The buses of the actor, by name, each with its services and listeners; and the commands that act
 * on them. Knows the public API; does not know where commands come from. Used by the main thread
 * only; a listener's callback may run on a bus thread and touches nothing but its own name. */
#include "support/actor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct offer offer;
struct offer {
    autobus_service *service;
    offer *next;
};

typedef struct ear ear;
struct ear {
    autobus_listener *listener;
    char *name; /* freed by the listener's last touch */
    ear *next;
};

typedef struct seat seat;
struct seat {
    autobus_bus *bus;
    char *name;
    bool is_dispatched;
    offer *offers;
    ear *ears;
    pthread_t farewell;
    seat *next;
};

static seat *seats;

static const struct {
    const char *name;
    autobus_number which;
} numbers[] = {
    {"udp_port", AUTOBUS_UDP_PORT},
    {"tcp_port", AUTOBUS_TCP_PORT},
    {"allow_routed", AUTOBUS_ALLOW_ROUTED},
    {"dispatch", AUTOBUS_DISPATCH},
    {"hold_back_ms", AUTOBUS_HOLD_BACK_MS},
    {"presence_ms", AUTOBUS_PRESENCE_MS},
    {"presence_per_bus_ms", AUTOBUS_PRESENCE_PER_BUS_MS},
    {"lease_percent", AUTOBUS_LEASE_PERCENT},
    {"legacy_lease_ms", AUTOBUS_LEGACY_LEASE_MS},
    {"probe_timeout_ms", AUTOBUS_PROBE_TIMEOUT_MS},
    {"max_services", AUTOBUS_MAX_SERVICES},
    {"max_services_per_source", AUTOBUS_MAX_SERVICES_PER_SOURCE},
    {"max_buses", AUTOBUS_MAX_BUSES},
    {"max_inbound", AUTOBUS_MAX_INBOUND},
    {"max_unbound_per_source", AUTOBUS_MAX_UNBOUND_PER_SOURCE},
    {"unbound_ms", AUTOBUS_UNBOUND_MS},
    {"max_message", AUTOBUS_MAX_MESSAGE},
    {"max_queued", AUTOBUS_MAX_QUEUED},
    {"max_calls", AUTOBUS_MAX_CALLS},
    {"max_channels", AUTOBUS_MAX_CHANNELS},
    {"channel_window", AUTOBUS_CHANNEL_WINDOW},
    {"workers", AUTOBUS_WORKERS},
    {"connect_ms", AUTOBUS_CONNECT_MS},
    {"unresponsive_ms", AUTOBUS_UNRESPONSIVE_MS},
    {"silence_ms", AUTOBUS_SILENCE_MS},
    {"look_out_us", AUTOBUS_LOOK_OUT_US},
    {"spin_us", AUTOBUS_SPIN_US},
};

static const struct {
    const char *name;
    autobus_text which;
} texts[] = {
    {"sources", AUTOBUS_SOURCES},     {"interfaces", AUTOBUS_INTERFACES},
    {"peers", AUTOBUS_PEERS},         {"query_times", AUTOBUS_QUERY_TIMES},
    {"say_times", AUTOBUS_SAY_TIMES}, {"runtime_dir", AUTOBUS_RUNTIME_DIR},
    {"wire", AUTOBUS_WIRE},
};

const char *actor_text(json_object *command, const char *key)
{
    json_object *value = NULL;
    return json_object_object_get_ex(command, key, &value) ? json_object_get_string(value) : NULL;
}

static seat *find_seat(json_object *command)
{
    const char *name = actor_text(command, "bus");
    for (seat *one = seats; one != NULL; one = one->next)
        if (strcmp(one->name, name != NULL ? name : "bus") == 0)
            return one;
    return NULL;
}

autobus_bus *actor_bus_of(json_object *command)
{
    seat *here = find_seat(command);
    return here != NULL ? here->bus : NULL;
}

autobus_service *actor_service_of(json_object *command)
{
    const char *id = actor_text(command, "service");
    for (seat *one = seats; one != NULL && id != NULL; one = one->next)
        for (offer *each = one->offers; each != NULL; each = each->next)
            if (strcmp(autobus_service_id(each->service), id) == 0)
                return each->service;
    return NULL;
}

const char *actor_json(json_object *command, const char *key, const char *otherwise)
{
    json_object *value = NULL;
    if (!json_object_object_get_ex(command, key, &value))
        return otherwise;
    return json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
}

int actor_number(json_object *command, const char *key, int otherwise)
{
    json_object *value = NULL;
    return json_object_object_get_ex(command, key, &value) ? json_object_get_int(value) : otherwise;
}

/* Options. */

static bool set_option(autobus_options *options, const char *name, json_object *value)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            autobus_options_set_number(options, numbers[i].which, json_object_get_int64(value));
            return true;
        }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0) {
            autobus_options_set_text(options, texts[i].which, json_object_get_string(value));
            return true;
        }
    return false;
}

static const char *read_options(json_object *wanted, autobus_options *options, bool *is_dispatched)
{
    if (wanted == NULL)
        return NULL;
    struct json_object_iterator at = json_object_iter_begin(wanted);
    struct json_object_iterator end = json_object_iter_end(wanted);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        json_object *value = json_object_iter_peek_value(&at);
        if (!set_option(options, name, value))
            return "no such option";
        if (strcmp(name, "dispatch") == 0)
            *is_dispatched = json_object_get_int(value) != 0;
    }
    return NULL;
}

/* Buses. */

const char *actor_open(json_object *command, json_object *answer)
{
    autobus_options *options = autobus_options_new();
    bool is_dispatched = false;
    const char *problem =
        read_options(json_object_object_get(command, "options"), options, &is_dispatched);
    if (problem != NULL) {
        autobus_options_free(&options);
        return problem;
    }
    autobus_bus *bus = NULL;
    json_object_object_add(answer, "began", json_object_new_int64(actor_now()));
    if (autobus_bus_new(options, &bus) != AUTOBUS_OK)
        return autobus_last_error();
    seat *new = calloc(1, sizeof *new);
    const char *name = actor_text(command, "bus");
    *new = (seat){.bus = bus,
                  .name = strdup(name != NULL ? name : "bus"),
                  .is_dispatched = is_dispatched,
                  .next = seats};
    seats = new;
    json_object_object_add(answer, "id", json_object_new_string(autobus_bus_id(bus)));
    return NULL;
}

static void free_contents(seat *old)
{
    while (old->ears != NULL) {
        ear *first = old->ears;
        old->ears = first->next;
        autobus_listener_free(&first->listener);
        free(first);
    }
    while (old->offers != NULL) {
        offer *first = old->offers;
        old->offers = first->next;
        autobus_service_free(&first->service);
        free(first);
    }
}

/* The bus goes first: its end must say the goodbyes of all that is still published. */
static void close_seat(seat *old)
{
    seat **place = &seats;
    while (*place != old)
        place = &(*place)->next;
    *place = old->next;
    actor_drop_remotes(old->bus);
    autobus_bus_free(&old->bus);
    free_contents(old);
    free(old->name);
    free(old);
}

const char *actor_close(json_object *command, json_object *answer)
{
    (void)answer;
    seat *old = find_seat(command);
    if (old == NULL)
        return "no such bus";
    close_seat(old);
    return NULL;
}

static void *say_goodbye(void *userdata)
{
    seat *leaving = userdata;
    autobus_bus_free(&leaving->bus);
    return NULL;
}

/* All at once: each takes its time to say goodbye three times. */
void actor_close_all(void)
{
    actor_drop_channels();
    for (seat *one = seats; one != NULL; one = one->next)
        actor_drop_remotes(one->bus);
    for (seat *one = seats; one != NULL; one = one->next)
        if (pthread_create(&one->farewell, NULL, say_goodbye, one) != 0)
            abort();
    for (seat *one = seats; one != NULL; one = one->next)
        pthread_join(one->farewell, NULL);
    while (seats != NULL)
        close_seat(seats);
    actor_drop_offers();
}

const char *actor_about(json_object *command, json_object *answer)
{
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    char *interfaces = autobus_bus_interfaces(here->bus);
    json_object_object_add(answer, "id", json_object_new_string(autobus_bus_id(here->bus)));
    json_object_object_add(answer, "port", json_object_new_int(autobus_bus_port(here->bus)));
    json_object_object_add(answer, "interfaces",
                           json_object_new_string(interfaces != NULL ? interfaces : ""));
    free(interfaces);
    return NULL;
}

const char *actor_stats(json_object *command, json_object *answer)
{
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    json_object *stats = json_object_new_object();
    for (int which = 0; which < AUTOBUS_STAT_COUNT; which++)
        json_object_object_add(
            stats, autobus_stat_name((autobus_stat)which),
            json_object_new_int64((int64_t)autobus_bus_stat(here->bus, (autobus_stat)which)));
    json_object_object_add(answer, "stats", stats);
    return NULL;
}

const char *actor_settle(json_object *command, json_object *answer)
{
    (void)answer;
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    int timeout_ms = json_object_get_int(json_object_object_get(command, "timeout_ms"));
    return autobus_bus_settle(here->bus, timeout_ms) == AUTOBUS_OK ? NULL : autobus_last_error();
}

const char *actor_sync(json_object *command, json_object *answer)
{
    (void)answer;
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    return autobus_bus_sync(here->bus) == AUTOBUS_OK ? NULL : autobus_last_error();
}

/* Services. */

/* Those that it has from the first moment: "objects": {name: value}. */
static const char *add_members(autobus_service *service, json_object *command)
{
    json_object *objects = NULL;
    if (!json_object_object_get_ex(command, "objects", &objects))
        return NULL;
    struct json_object_iterator at = json_object_iter_begin(objects);
    struct json_object_iterator end = json_object_iter_end(objects);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        if (autobus_service_add_object(service, json_object_iter_peek_name(&at), NULL,
                                       json_object_get(json_object_iter_peek_value(&at))) !=
            AUTOBUS_OK)
            return autobus_last_error();
    return NULL;
}

const char *actor_publish(json_object *command, json_object *answer)
{
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    autobus_service *service =
        autobus_service_new(here->bus, json_object_get(json_object_object_get(command, "info")));
    if (actor_text(command, "service") != NULL)
        autobus_service_set_id(service, actor_text(command, "service"));
    json_object_object_add(answer, "began", json_object_new_int64(actor_now()));
    const char *problem = add_members(service, command);
    if (problem != NULL || autobus_service_publish(service) != AUTOBUS_OK) {
        autobus_service_free(&service);
        return problem != NULL ? problem : autobus_last_error();
    }
    offer *new = calloc(1, sizeof *new);
    *new = (offer){.service = service, .next = here->offers};
    here->offers = new;
    json_object_object_add(answer, "service", json_object_new_string(autobus_service_id(service)));
    return NULL;
}

const char *actor_withdraw(json_object *command, json_object *answer)
{
    (void)answer;
    seat *here = find_seat(command);
    const char *id = actor_text(command, "service");
    if (here == NULL || id == NULL)
        return "no such bus";
    for (offer **place = &here->offers; *place != NULL; place = &(*place)->next) {
        offer *old = *place;
        if (strcmp(autobus_service_id(old->service), id) != 0)
            continue;
        autobus_result result = autobus_service_withdraw(old->service);
        autobus_service_free(&old->service);
        *place = old->next;
        free(old);
        return result == AUTOBUS_OK ? NULL : autobus_last_error();
    }
    return "no such service";
}

/* Listeners and questions. */

/* A filter is an object of equal values, or a list of conditions as people type them. */
static autobus_filter *read_filter(json_object *command)
{
    json_object *wanted = json_object_object_get(command, "filter");
    if (wanted == NULL)
        return NULL;
    if (json_object_is_type(wanted, json_type_object))
        return autobus_filter_parse(json_object_to_json_string(wanted));
    autobus_filter *filter = autobus_filter_new();
    for (size_t i = 0; i < json_object_array_length(wanted); i++)
        autobus_filter_add_text(filter,
                                json_object_get_string(json_object_array_get_idx(wanted, i)));
    return filter;
}

static void hear(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    actor_say_event(userdata, change, sighting, actor_now());
}

const char *actor_listen(json_object *command, json_object *answer)
{
    (void)answer;
    seat *here = find_seat(command);
    const char *name = actor_text(command, "listener");
    if (here == NULL || name == NULL)
        return "no such bus";
    autobus_filter *filter = read_filter(command);
    json_object *initial = json_object_object_get(command, "initial");
    ear *new = calloc(1, sizeof *new);
    new->name = strdup(name);
    if (autobus_listener_new(here->bus, filter, initial == NULL || json_object_get_boolean(initial),
                             hear, new->name, free, &new->listener) != AUTOBUS_OK) {
        free(new);
        return autobus_last_error();
    }
    new->next = here->ears;
    here->ears = new;
    return NULL;
}

const char *actor_unlisten(json_object *command, json_object *answer)
{
    (void)answer;
    seat *here = find_seat(command);
    const char *name = actor_text(command, "listener");
    if (here == NULL || name == NULL)
        return "no such bus";
    for (ear **place = &here->ears; *place != NULL; place = &(*place)->next) {
        ear *old = *place;
        if (strcmp(old->name, name) != 0)
            continue;
        *place = old->next;
        autobus_listener_free(&old->listener);
        free(old);
        return NULL;
    }
    return "no such listener";
}

const char *actor_enumerate(json_object *command, json_object *answer)
{
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    autobus_filter *filter = read_filter(command);
    autobus_sighting **sightings = NULL;
    size_t count = 0;
    if (autobus_bus_enumerate(here->bus, filter, &sightings, &count) != AUTOBUS_OK)
        return autobus_last_error();
    json_object *services = json_object_new_array();
    for (size_t i = 0; i < count; i++) {
        json_object *service = json_object_new_object();
        actor_describe(service, sightings[i]);
        json_object_array_add(services, service);
    }
    autobus_sightings_free(&sightings, count);
    json_object_object_add(answer, "services", services);
    return NULL;
}

const char *actor_find(json_object *command, json_object *answer)
{
    seat *here = find_seat(command);
    if (here == NULL)
        return "no such bus";
    autobus_sighting *sighting = NULL;
    autobus_result result = autobus_bus_find(here->bus, actor_text(command, "service"), &sighting);
    json_object_object_add(answer, "result", json_object_new_string(autobus_result_text(result)));
    if (sighting != NULL)
        actor_describe(answer, sighting);
    autobus_sighting_free(&sighting);
    return NULL;
}

/* The program's own loop. */

size_t actor_poll_fds(struct pollfd *polls, size_t used, size_t room)
{
    for (seat *one = seats; one != NULL && used < room; one = one->next)
        if (one->is_dispatched)
            polls[used++] = (struct pollfd){.fd = autobus_bus_fd(one->bus), .events = POLLIN};
    return used;
}

void actor_dispatch(void)
{
    for (seat *one = seats; one != NULL; one = one->next)
        if (one->is_dispatched)
            autobus_bus_dispatch(one->bus);
}
