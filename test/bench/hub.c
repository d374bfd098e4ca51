/* SPDX-License-Identifier: MIT
 * bench-hub: what it costs a program to use many services of one other bus, beginning with all of them at once.
 *
 *     bench-hub --services N
 *
 * Forks the hub; both without discovery. Writes one JSON object: connections, microseconds until the last is bound, and
 * bytes of heap a service on either side, beside those that the hub needs to offer it. Knows the public API and the C
 * library's books. */
#include "bench/census.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 10000 /* milliseconds */
#define ID       40

typedef struct hub_report {
    uint64_t connections;
    size_t heap;
} hub_report;

static size_t used_bytes(void)
{
    struct mallinfo2 books = mallinfo2();
    return books.uordblks + books.hblkhd;
}

static autobus_bus *bus_alone(void)
{
    autobus_bus *bus = NULL;
    autobus_options *options = autobus_options_new();
    bench_insist(autobus_options_set_text(options, AUTOBUS_SOURCES, "none"), "no such source");
    bench_insist(autobus_bus_new(options, &bus), "no bus");
    return bus;
}

static void name_service(char id[ID], int64_t which)
{
    snprintf(id, ID, "service-%lld", (long long)which);
}

static void tell(int to, const void *what, size_t length)
{
    if (write(to, what, length) != (ssize_t)length)
        exit(1);
}

static void hear(int from, void *what, size_t length)
{
    if (read(from, what, length) != (ssize_t)length)
        exit(1);
}

/* Offers, tells its port, waits for a word, reports, and waits for another. */
static void be_hub(int64_t services, int from, int to)
{
    autobus_bus *bus = bus_alone();
    char id[ID], word;
    for (int64_t i = 0; i < services; i++) {
        autobus_service *service = autobus_service_parse(bus, "{}");
        name_service(id, i);
        bench_insist(autobus_service_set_id(service, id), "no such id");
        bench_insist(autobus_service_publish(service), "not published");
    }
    size_t used = used_bytes();
    uint16_t port = autobus_bus_port(bus);
    tell(to, &port, sizeof port);
    hear(from, &word, 1);
    hub_report report = {
        .connections = autobus_bus_stat(bus, AUTOBUS_STAT_ACCEPTED),
        .heap = used_bytes() - used,
    };
    tell(to, &report, sizeof report);
    hear(from, &word, 1);
    _exit(0);
}

/* All of them; microseconds until the last is bound. */
static int64_t bind_all(autobus_bus *bus, uint16_t port, int64_t services, autobus_remote **all)
{
    char id[ID];
    int64_t began = bench_now();
    for (int64_t i = 0; i < services; i++) {
        name_service(id, i);
        bench_insist(autobus_connect_to(bus, "127.0.0.1", port, id, 0, &all[i]), "no connection");
    }
    for (int64_t i = 0; i < services; i++)
        bench_insist(autobus_remote_wait(all[i], PATIENCE), "not bound");
    return bench_now() - began;
}

int main(int argc, char **argv)
{
    int64_t services = bench_argument(argc, argv, "--services", 100);
    int there[2], back[2];
    if (pipe(there) < 0 || pipe(back) < 0)
        return 1;
    pid_t child = fork();
    if (child == 0)
        be_hub(services, there[0], back[1]);
    uint16_t port;
    hear(back[0], &port, sizeof port);
    autobus_bus *bus = bus_alone();
    autobus_remote **all = calloc((size_t)services, sizeof(autobus_remote *));
    size_t used = used_bytes();
    int64_t took = bind_all(bus, port, services, all);
    used = used_bytes() - used;
    hub_report report;
    tell(there[1], "r", 1);
    hear(back[0], &report, sizeof report);
    printf("{\"services\":%lld,\"connections\":%llu,\"took\":%lld,\"heap\":%zu,\"hub_heap\":%zu}\n",
           (long long)services, (unsigned long long)report.connections, (long long)took,
           used / (size_t)services, report.heap / (size_t)services);
    for (int64_t i = 0; i < services; i++)
        autobus_remote_free(&all[i]);
    free(all);
    autobus_bus_free(&bus);
    tell(there[1], "e", 1);
    waitpid(child, NULL, 0);
    return 0;
}
