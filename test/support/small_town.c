/* SPDX-License-Identifier: MIT
 * The smallest town: one machine's loopback. */
#include "support/small_town.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/random.h"
#include "support/transport.h"

/* Those that the kernel gives to whoever asks for any lie above. */
static unsigned first_given_away(void)
{
    unsigned first = 0;
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    cr_assert(range != NULL && fscanf(range, "%u", &first) == 1);
    fclose(range);
    return first;
}

static bool is_free(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    bool is_bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_bound;
}

/* One that nobody gets by chance meanwhile. */
uint16_t town_port(void)
{
    unsigned first = first_given_away();
    uint16_t port;
    do
        port = (uint16_t)(first / 2 + ab_random_id() % (first / 2));
    while (!is_free(port));
    return port;
}

autobus_options *town_options(uint16_t port)
{
    autobus_options *options = autobus_options_new();

    autobus_options_set_number(options, AUTOBUS_UDP_PORT, port);
    autobus_options_set_number(options, AUTOBUS_HOLD_BACK_MS, 0);
    autobus_options_set_text(options, AUTOBUS_INTERFACES, "lo");
    autobus_options_set_text(options, AUTOBUS_SAY_TIMES, "0,20");
    return options;
}

static autobus_bus *started(autobus_options *options)
{
    autobus_bus *bus = NULL;
    autobus_result result = autobus_bus_new(options, &bus);

    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    return bus;
}

autobus_bus *town_bus(uint16_t port)
{
    return started(town_options(port));
}

autobus_bus *town_hermit(void)
{
    autobus_options *options = autobus_options_new();
    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    return started(options);
}

bool town_shares_connections(void)
{
    const char *wire = getenv("AUTOBUS_WIRE");
    return wire == NULL || strcmp(wire, "lines") != 0;
}

autobus_service *town_lamp(autobus_bus *bus, const char *id)
{
    autobus_service *lamp = autobus_service_parse(bus, "{'type': 'lamp'}");

    autobus_service_set_id(lamp, id);
    cr_assert_eq(autobus_service_publish(lamp), AUTOBUS_OK, "%s", autobus_last_error());
    return lamp;
}

void town_expect_way(autobus_bus *bus)
{
    uint64_t bound = autobus_bus_stat(bus, AUTOBUS_STAT_BOUND);
    uint64_t near = autobus_bus_stat(bus, AUTOBUS_STAT_BOUND_UNIX);

    cr_expect_gt(bound, 0);
    cr_expect_eq(near, transport_of_buses_is_unix() ? bound : 0);
}

void town_ear_init(town_ear *ear)
{
    pthread_condattr_t monotonic;

    memset(ear, 0, sizeof *ear);
    pthread_mutex_init(&ear->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&ear->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void town_ear_fini(town_ear *ear)
{
    pthread_cond_destroy(&ear->news);
    pthread_mutex_destroy(&ear->mutex);
}

void town_ear_heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    town_ear *ear = userdata;

    pthread_mutex_lock(&ear->mutex);
    size_t length = strlen(ear->text);
    snprintf(ear->text + length, sizeof ear->text - length, "%c%s ", "+-~"[change],
             autobus_sighting_id(sighting));
    pthread_cond_broadcast(&ear->news);
    pthread_mutex_unlock(&ear->mutex);
}

void town_ear_freed(void *userdata)
{
    town_ear *ear = userdata;

    pthread_mutex_lock(&ear->mutex);
    ear->freed++;
    pthread_cond_broadcast(&ear->news);
    pthread_mutex_unlock(&ear->mutex);
}

static struct timespec five_seconds_from_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += 5;
    return at;
}

bool town_ear_hears(town_ear *ear, const char *text)
{
    struct timespec until = five_seconds_from_now();

    pthread_mutex_lock(&ear->mutex);
    while (strcmp(ear->text, text) != 0 &&
           pthread_cond_timedwait(&ear->news, &ear->mutex, &until) == 0)
        continue;
    bool is_it = strcmp(ear->text, text) == 0;
    if (!is_it)
        cr_log_error("heard \"%s\" instead of \"%s\"", ear->text, text);
    pthread_mutex_unlock(&ear->mutex);
    return is_it;
}

bool town_ear_is_freed(town_ear *ear, int times)
{
    struct timespec until = five_seconds_from_now();

    pthread_mutex_lock(&ear->mutex);
    while (ear->freed != times && pthread_cond_timedwait(&ear->news, &ear->mutex, &until) == 0)
        continue;
    bool is_it = ear->freed == times;
    pthread_mutex_unlock(&ear->mutex);
    return is_it;
}

autobus_listener *town_listen(autobus_bus *bus, town_ear *ear)
{
    autobus_listener *listener = NULL;
    autobus_filter *lamps = autobus_filter_parse("{'type': 'lamp'}");
    autobus_result result =
        autobus_listener_new(bus, lamps, true, town_ear_heard, ear, town_ear_freed, &listener);

    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
    return listener;
}
