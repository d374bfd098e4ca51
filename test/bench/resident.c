/* SPDX-License-Identifier: MIT
 * bench-resident: one bus of a crowd. It offers many services, counts those it hears of, and tells its
 * counters when it is asked.
 *
 *     bench-resident --services N --expect M
 *
 * Reads words, a line each: "go MICROSECONDS" starts the bus at that time of CLOCK_MONOTONIC, "publish" offers
 * one service more, "withdraw" takes that one back, "stats" tells, "quit" ends with goodbyes. Writes a JSON
 * object a line. Knows the public API alone. */
#include "bench/census.h"

#include <json-c/json.h>

typedef struct resident {
    autobus_bus *bus;
    autobus_listener *listener;
    autobus_service **services;
    autobus_service *extra;
    int64_t count, began, published;
    census known;
} resident;

static const char *const rooms[] = {"kitchen", "hall",   "attic", "cellar",
                                    "bath",    "garage", "garden"};

/* About what a lamp in a house says of itself. */
static autobus_service *make_service(autobus_bus *bus, int64_t number)
{
    char info[256];
    snprintf(
        info, sizeof info,
        "{\"type\":\"%s\",\"name\":\"number %lld\",\"room\":{\"name\":\"%s\",\"floor\":%lld},\"level\":%lld,"
        "\"vendor\":\"example.com\",\"version\":\"1.%lld\"}",
        number % 10 == 0 ? "lamp" : "sensor", (long long)number, rooms[number % 7],
        (long long)(number % 4), (long long)(number % 100), (long long)(number % 30));
    return autobus_service_parse(bus, info);
}

static void sleep_until(int64_t at)
{
    struct timespec time = bench_time(at);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void start(resident *here, int64_t at)
{
    sleep_until(at);
    here->began = bench_now();
    bench_insist(autobus_bus_new(NULL, &here->bus), "no bus");
    bench_insist(autobus_listener_new(here->bus, NULL, true, census_heard, &here->known, NULL,
                                      &here->listener),
                 "no listener");
    here->services = calloc((size_t)here->count + 1, sizeof(autobus_service *));
    for (int64_t i = 0; i < here->count; i++) {
        here->services[i] = make_service(here->bus, i);
        bench_insist(autobus_service_publish(here->services[i]), "not published");
    }
    here->published = bench_now();
}

static void tell_stats(resident *here)
{
    json_object *line = json_object_new_object();
    for (int which = 0; here->bus != NULL && which < AUTOBUS_STAT_COUNT; which++)
        json_object_object_add(
            line, autobus_stat_name((autobus_stat)which),
            json_object_new_int64((int64_t)autobus_bus_stat(here->bus, (autobus_stat)which)));
    pthread_mutex_lock(&here->known.mutex);
    const int64_t numbers[] = {bench_now(),
                               here->began,
                               here->published,
                               (int64_t)here->known.appeared,
                               (int64_t)here->known.left,
                               here->known.reached,
                               here->known.last};
    pthread_mutex_unlock(&here->known.mutex);
    const char *const names[] = {"t", "began", "published", "appeared", "left", "reached", "last"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_object_object_add(line, names[i], json_object_new_int64(numbers[i]));
    puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    json_object_put(line);
}

static void publish_extra(resident *here)
{
    here->extra = autobus_service_parse(here->bus, "{'type': 'extra'}");
    printf("{\"t\":%lld}\n", (long long)bench_now());
    bench_insist(autobus_service_publish(here->extra), "not published");
}

static void withdraw_extra(resident *here)
{
    printf("{\"t\":%lld}\n", (long long)bench_now());
    autobus_service_free(&here->extra);
}

/* Whether it goes on after this line. */
static bool obey(resident *here, const char *line)
{
    if (strncmp(line, "go ", 3) == 0)
        start(here, strtoll(line + 3, NULL, 10));
    else if (strcmp(line, "stats\n") == 0)
        tell_stats(here);
    else if (strcmp(line, "publish\n") == 0)
        publish_extra(here);
    else if (strcmp(line, "withdraw\n") == 0)
        withdraw_extra(here);
    fflush(stdout);
    return strcmp(line, "quit\n") != 0;
}

int main(int argc, char **argv)
{
    resident here = {.count = bench_argument(argc, argv, "--services", 1)};
    char line[128];

    census_init(&here.known, (size_t)bench_argument(argc, argv, "--expect", 0));
    puts("{\"ready\":true}");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL && obey(&here, line))
        continue;

    autobus_bus_free(&here.bus);
    autobus_listener_free(&here.listener);
    for (int64_t i = 0; here.services != NULL && i < here.count; i++)
        autobus_service_free(&here.services[i]);
    autobus_service_free(&here.extra);
    free(here.services);
    return 0;
}
