/* SPDX-License-Identifier: MIT
 * How many calls a second a program makes one after the other, through the C face and through the raw one: what a
 * binding has to be measured against. As "serve" it offers a function that echoes, prints its port, and ends with its
 * input; as "PORT CALLS" it calls that, in turns, and prints the medians as one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <autobus/autobus.h>
#include <autobus/raw.h>

#define ROUNDS 5

static void check(autobus_result result)
{
    if (result == AUTOBUS_OK)
        return;
    fprintf(stderr, "%s\n", autobus_last_error());
    exit(1);
}

static void echo(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer_text(request, autobus_request_text(request));
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static autobus_bus *hermit(void)
{
    autobus_options *options = autobus_options_new();
    autobus_bus *bus;
    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    check(autobus_bus_new(options, &bus));
    return bus;
}

static double by_c(uint16_t port, int calls)
{
    autobus_bus *away = hermit();
    autobus_remote *remote;
    check(autobus_connect_to(away, "127.0.0.1", port, "echo", 5000, &remote));
    double begun = now();
    for (int i = 0; i < calls; i++) {
        char *value;
        check(autobus_call_text(remote, "echo", "[50]", 5000, &value));
        free(value);
    }
    double took = now() - begun;
    autobus_remote_free(&remote);
    autobus_bus_free(&away);
    return calls / took;
}

static double by_raw(uint16_t port, int calls)
{
    autobus_handle away, remote;
    check(autobus_raw_bus_new("{'sources': 'none'}", &away));
    check(autobus_raw_connect(away, "127.0.0.1", port, "echo", 5000, &remote));
    double begun = now();
    for (int i = 0; i < calls; i++) {
        char *value;
        check(autobus_raw_call(remote, "echo", "[50]", 5000, &value));
        autobus_raw_text_free(value);
    }
    double took = now() - begun;
    autobus_raw_free(remote);
    autobus_raw_free(away);
    return calls / took;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void measure(uint16_t port, int calls)
{
    double c[ROUNDS], raw[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        c[round] = by_c(port, calls);
        raw[round] = by_raw(port, calls);
    }
    qsort(c, ROUNDS, sizeof *c, by_size);
    qsort(raw, ROUNDS, sizeof *raw, by_size);
    printf("{\"c\": %.0f, \"raw\": %.0f}\n", c[ROUNDS / 2], raw[ROUNDS / 2]);
}

static void serve(void)
{
    autobus_bus *home = hermit();
    autobus_service *service = autobus_service_parse(home, "{'type': 'echo'}");
    check(autobus_service_set_id(service, "echo"));
    check(autobus_service_add_function(service, "echo", NULL, AUTOBUS_INLINE, echo, NULL, NULL));
    check(autobus_service_publish(service));
    printf("%d\n", autobus_bus_port(home));
    fflush(stdout);
    while (getchar() != EOF)
        ;
    autobus_service_free(&service);
    autobus_bus_free(&home);
}

int main(int count, char **words)
{
    if (count == 2 && strcmp(words[1], "serve") == 0) {
        serve();
    } else if (count == 3) {
        measure((uint16_t)strtoul(words[1], NULL, 10), (int)strtol(words[2], NULL, 10));
    } else {
        fprintf(stderr, "usage: %s serve | PORT CALLS\n", words[0]);
        return 2;
    }
    return 0;
}
