/* SPDX-License-Identifier: MIT
 * bench-newcomer: starts a bus again and again, and tells each time how long it took from autobus_bus_new()
 * to the callback for each lamp that is already there.
 *
 *     bench-newcomer --runs N --expect LAMPS [--pause MS]
 *
 * A line a run: {"new":us,"complete":whether all came,"seen":[us,…]}. Knows the public API alone. */
#include "bench/census.h"

#define MOST     256
#define PATIENCE (10 * 1000000) /* microseconds; a run that takes longer is told as incomplete */

typedef struct arrivals {
    census all;
    int64_t began, seen[MOST];
    size_t count;
} arrivals;

static void note_arrival(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    arrivals *here = userdata;
    if (change == AUTOBUS_APPEARED && here->count < MOST)
        here->seen[here->count++] = bench_now() - here->began;
    census_heard(&here->all, change, sighting);
}

static void tell(const arrivals *here, int64_t new_us, bool is_complete)
{
    printf("{\"new\":%lld,\"complete\":%s,\"seen\":[", (long long)new_us,
           is_complete ? "true" : "false");
    for (size_t i = 0; i < here->count; i++)
        printf("%s%lld", i > 0 ? "," : "", (long long)here->seen[i]);
    puts("]}");
    fflush(stdout);
}

static void arrive(size_t expected)
{
    arrivals here = {.count = 0};
    census_init(&here.all, expected);
    autobus_filter *lamps = autobus_filter_parse("{'type': 'lamp'}");
    autobus_bus *bus = NULL;
    autobus_listener *listener = NULL;

    here.began = bench_now();
    bench_insist(autobus_bus_new(NULL, &bus), "no bus");
    int64_t new_us = bench_now() - here.began;
    bench_insist(autobus_listener_new(bus, lamps, true, note_arrival, &here, NULL, &listener),
                 "no listener");
    bool is_complete = census_wait_until_reached(&here.all, PATIENCE);

    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    tell(&here, new_us, is_complete);
}

static void sleep_until(int64_t at)
{
    struct timespec time = bench_time(at);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

int main(int argc, char **argv)
{
    int64_t runs = bench_argument(argc, argv, "--runs", 1);
    int64_t expected = bench_argument(argc, argv, "--expect", 1);
    int64_t pause = bench_argument(argc, argv, "--pause", 100) * 1000;
    unsigned chance = (unsigned)bench_now();

    /* Uneven pauses: no run falls into step with what the others do every so often. */
    for (int64_t i = 0; i < runs; i++) {
        arrive((size_t)expected);
        if (pause > 0)
            sleep_until(bench_now() + pause / 2 + rand_r(&chance) % pause);
    }
    return 0;
}
