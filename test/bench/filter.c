/* SPDX-License-Identifier: MIT
 * bench-filter: how long it takes to pick services out of many, by autobus_bus_enumerate() and by a listener
 * with its initial set.
 *
 *     bench-filter --expect N --runs R
 *
 * Writes a JSON object for each filter: medians in microseconds. Knows the public API alone. */
#include "bench/census.h"

#define PATIENCE (120 * (int64_t)1000000) /* microseconds */
#define MOST     1000                     /* runs */

static const struct {
    const char *name, *json;
} filters[] = {
    {"one of seventy", "{'type': 'lamp', 'room.name': 'kitchen'}"},
    {"one of ten", "{'type': 'lamp'}"},
    {"none", "{'type': 'bell', 'room.name': 'kitchen'}"},
    {"none, on a late key", "{'version': '9.9'}"},
    {"all", "{'vendor': 'example.com'}"},
};

static int compare(const void *one, const void *other)
{
    const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static int64_t time_enumerate(autobus_bus *bus, const char *json, size_t *ret_count)
{
    autobus_filter *filter = autobus_filter_parse(json);
    autobus_sighting **found = NULL;
    int64_t began = bench_now();
    bench_insist(autobus_bus_enumerate(bus, filter, &found, ret_count), "no list");
    int64_t took = bench_now() - began;
    autobus_sightings_free(&found, *ret_count);
    return took;
}

/* Until the last service of the initial set has been told; with none, until the listener is there. */
static int64_t time_listener(autobus_bus *bus, const char *json, size_t expected)
{
    autobus_filter *filter = autobus_filter_parse(json);
    autobus_listener *listener = NULL;
    census told;
    census_init(&told, expected);
    int64_t began = bench_now();
    bench_insist(autobus_listener_new(bus, filter, true, census_heard, &told, NULL, &listener),
                 "no listener");
    int64_t there = bench_now();
    if (expected > 0 && !census_wait_until_reached(&told, PATIENCE))
        bench_insist(AUTOBUS_FAILED, "the initial set is not told");
    int64_t took = (expected > 0 ? told.reached : there) - began;
    autobus_listener_free(&listener);
    bench_insist(autobus_bus_sync(bus), "callbacks do not end");
    return took;
}

static void measure(autobus_bus *bus, size_t which, size_t runs)
{
    int64_t asked[MOST], listened[MOST];
    size_t count = 0;
    for (size_t i = 0; i < runs; i++)
        asked[i] = time_enumerate(bus, filters[which].json, &count);
    for (size_t i = 0; i < runs; i++)
        listened[i] = time_listener(bus, filters[which].json, count);
    printf("{\"filter\":\"%s\",\"found\":%zu,\"runs\":%zu,\"enumerate\":%lld,\"listener\":%lld}\n",
           filters[which].name, count, runs, (long long)median(asked, runs),
           (long long)median(listened, runs));
}

int main(int argc, char **argv)
{
    size_t runs = (size_t)bench_argument(argc, argv, "--runs", 100);
    census known;
    census_init(&known, (size_t)bench_argument(argc, argv, "--expect", 10000));
    autobus_bus *bus = NULL;
    autobus_listener *listener = NULL;

    bench_insist(autobus_bus_new(NULL, &bus), "no bus");
    bench_insist(autobus_listener_new(bus, NULL, true, census_heard, &known, NULL, &listener),
                 "no listener");
    if (!census_wait_until_reached(&known, PATIENCE))
        bench_insist(AUTOBUS_FAILED, "the services do not appear");
    autobus_listener_free(&listener);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        measure(bus, i, runs < MOST ? runs : MOST);
    autobus_bus_free(&bus);
    return 0;
}
