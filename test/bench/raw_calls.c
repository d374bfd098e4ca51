/* SPDX-License-Identifier: MIT
 * How many calls a second a program makes one after the other, through the C face and through the raw one: what a
 * binding has to be measured against. Two buses in one process, a function that echoes. Prints one JSON object.
 * With the word "serve" it prints its port and serves others until its input ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <autobus/autobus.h>
#include <autobus/raw.h>

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

static double by_c(autobus_bus *home, int calls)
{
    autobus_bus *away = hermit();
    autobus_remote *remote;
    check(autobus_connect_to(away, "127.0.0.1", autobus_bus_port(home), "echo", 5000, &remote));
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

static double by_raw(autobus_bus *home, int calls)
{
    autobus_handle away, remote;
    check(autobus_raw_bus_new("{'sources': 'none'}", &away));
    check(autobus_raw_connect(away, "127.0.0.1", autobus_bus_port(home), "echo", 5000, &remote));
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

static void measure(autobus_bus *home, int calls)
{
    (void)by_c(home, calls / 10);
    double c = by_c(home, calls), raw = by_raw(home, calls);
    printf("{\"c\": %.0f, \"raw\": %.0f}\n", c, raw);
}

static void serve(const autobus_bus *home)
{
    printf("%d\n", autobus_bus_port(home));
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

int main(int count, char **words)
{
    autobus_bus *home = hermit();
    autobus_service *service = autobus_service_parse(home, "{'type': 'echo'}");
    check(autobus_service_set_id(service, "echo"));
    check(autobus_service_add_function(service, "echo", NULL, AUTOBUS_INLINE, echo, NULL, NULL));
    check(autobus_service_publish(service));
    if (count > 1 && strcmp(words[1], "serve") == 0)
        serve(home);
    else
        measure(home, count > 1 ? (int)strtol(words[1], NULL, 10) : 20000);
    autobus_service_free(&service);
    autobus_bus_free(&home);
    return 0;
}
