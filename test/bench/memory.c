/* SPDX-License-Identifier: MIT
 * bench-memory: how much memory a bus needs for each service it knows, beside the service's info.
 *
 *     bench-memory --expect N
 *
 * Listens until N services of others have appeared, looks at the heap before and after, and writes one JSON object.
 * Knows the public API and the C library's books. */
#include "bench/census.h"

#include <malloc.h>
#include <unistd.h>

#define PATIENCE (120 * (int64_t)1000000) /* microseconds */

static size_t used_bytes(void)
{
    struct mallinfo2 books = mallinfo2();
    return books.uordblks + books.hblkhd;
}

static size_t resident_bytes(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL || fscanf(file, "%*u %zu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    size_t expected = (size_t)bench_argument(argc, argv, "--expect", 10000);
    census known;
    census_init(&known, expected);
    autobus_bus *bus = NULL;
    autobus_listener *listener = NULL;

    size_t used = used_bytes(), resident = resident_bytes();
    int64_t began = bench_now();
    bench_insist(autobus_bus_new(NULL, &bus), "no bus");
    bench_insist(autobus_listener_new(bus, NULL, true, census_heard, &known, NULL, &listener),
                 "no listener");
    bool is_complete = census_wait_until_reached(&known, PATIENCE);
    bench_insist(autobus_bus_settle(bus, 10000), "it does not settle");
    bench_insist(autobus_bus_sync(bus), "callbacks do not end");
    used = used_bytes() - used;
    resident = resident_bytes() - resident;

    printf(
        "{\"complete\":%s,\"services\":%zu,\"info\":%zu,\"heap\":%zu,\"resident\":%zu,\"took\":%lld}\n",
        is_complete ? "true" : "false", known.appeared, known.info_bytes, used, resident,
        (long long)(known.last - began));
    autobus_bus_free(&bus);
    autobus_listener_free(&listener);
    return is_complete ? 0 : 1;
}
