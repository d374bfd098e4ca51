/* SPDX-License-Identifier: MIT
 * The bus as a whole: starting, failing to start, ending, forking, and many threads at once. */
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/small_town.h"

static int open_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

Test(bus, starts_and_ends_and_leaves_nothing_open)
{
    autobus_bus *bus = town_bus(town_port());

    cr_expect_eq(strlen(autobus_bus_id(bus)), 16);
    cr_expect_neq(autobus_bus_port(bus), 0);
    cr_expect_eq(autobus_bus_fd(bus), -1, "callbacks run on the bus thread");
    autobus_bus_free(&bus);
    cr_expect_null(bus);
    autobus_bus_free(&bus);
    autobus_bus_free(NULL);
    int before = open_fds();
    for (int i = 0; i < 20; i++) {
        bus = town_bus(town_port());
        autobus_bus_free(&bus);
    }
    cr_expect_eq(open_fds(), before);
}

static int listening_socket(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;

    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 1), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

Test(bus, that_cannot_have_its_tcp_port_says_which_and_leaves_nothing)
{
    uint16_t port;
    int taken = listening_socket(&port), before = open_fds();
    char number[8];
    autobus_options *options = town_options(town_port());
    autobus_bus *bus = NULL;

    autobus_options_set_number(options, AUTOBUS_TCP_PORT, port);
    cr_expect_eq(autobus_bus_new(options, &bus), AUTOBUS_IN_USE);
    snprintf(number, sizeof number, "%u", port);
    cr_expect_not_null(strstr(autobus_last_error(), number), "%s", autobus_last_error());
    cr_expect_null(bus);
    cr_expect_eq(open_fds(), before);
    close(taken);
}

Test(bus, that_cannot_have_its_udp_port_says_which_and_leaves_nothing)
{
    int taken = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    autobus_bus *bus = NULL;
    char number[8];

    cr_assert_eq(bind(taken, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(getsockname(taken, (struct sockaddr *)&address, &length), 0);
    int before = open_fds();
    cr_expect_eq(autobus_bus_new(town_options(ntohs(address.sin_port)), &bus), AUTOBUS_IN_USE);
    snprintf(number, sizeof number, "%u", ntohs(address.sin_port));
    cr_expect_not_null(strstr(autobus_last_error(), number), "%s", autobus_last_error());
    cr_expect_eq(open_fds(), before);
    close(taken);
}

Test(bus, functions_refuse_null_with_a_sentence)
{
    cr_expect_eq(autobus_bus_new(NULL, NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_bus_sync(NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_bus_settle(NULL, 1), AUTOBUS_INVALID);
    cr_expect_eq(autobus_bus_dispatch(NULL), -1);
    cr_expect_eq(autobus_bus_fd(NULL), -1);
    cr_expect_eq(autobus_bus_port(NULL), 0);
    cr_expect_str_eq(autobus_bus_id(NULL), "");
    cr_expect_eq(autobus_bus_stat(NULL, AUTOBUS_STAT_WAKES), 0);
}

Test(bus, names_every_counter)
{
    for (int i = 0; i < AUTOBUS_STAT_COUNT; i++)
        cr_expect_not_null(autobus_stat_name((autobus_stat)i));
    cr_expect_null(autobus_stat_name(AUTOBUS_STAT_COUNT));
}

Test(bus, settles_alone_after_a_moment_of_quiet)
{
    autobus_bus *bus = town_bus(town_port());

    cr_expect_eq(autobus_bus_settle(bus, 5000), AUTOBUS_OK, "%s", autobus_last_error());
    cr_expect_eq(autobus_bus_settle(bus, -1), AUTOBUS_INVALID);
    autobus_bus_free(&bus);
}

Test(bus, names_the_interfaces_it_uses)
{
    autobus_bus *bus = town_bus(town_port());
    char *names = autobus_bus_interfaces(bus);

    cr_expect_not_null(strstr(names, "lo (127.0.0.1"), "%s", names);
    free(names);
    autobus_bus_free(&bus);
}

Test(bus, of_the_parent_is_refused_in_a_forks_child)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");
    pid_t child = fork();

    if (child == 0) {
        bool is_refused = autobus_service_withdraw(lamp) == AUTOBUS_FORKED &&
                          autobus_service_set_id(lamp, "door") == AUTOBUS_FORKED &&
                          autobus_bus_sync(bus) == AUTOBUS_FORKED &&
                          autobus_bus_settle(bus, 1) == AUTOBUS_FORKED;
        autobus_service_free(&lamp);
        autobus_bus_free(&bus);
        _exit(is_refused && bus == NULL ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect(autobus_service_is_published(lamp), "the parent's service is still there");
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

#define CROWD  4
#define ROUNDS 100

typedef struct citizen {
    pthread_t thread;
    autobus_bus *bus;
    int number;
} citizen;

static void *live(void *userdata)
{
    citizen *self = userdata;
    char id[16];

    snprintf(id, sizeof id, "c%d", self->number);
    for (int i = 0; i < ROUNDS; i++) {
        town_ear ear;
        autobus_sighting **all = NULL;
        size_t count = 0;
        town_ear_init(&ear);
        autobus_listener *listener = town_listen(self->bus, &ear);
        autobus_service *lamp = town_lamp(self->bus, id);
        autobus_bus_enumerate(self->bus, NULL, &all, &count);
        cr_expect_geq(count, 1);
        autobus_sightings_free(&all, count);
        autobus_service_free(&lamp);
        autobus_listener_free(&listener);
        cr_expect(town_ear_is_freed(&ear, 1));
        town_ear_fini(&ear);
    }
    return NULL;
}

Test(bus, serves_many_threads_at_once)
{
    autobus_bus *bus = town_bus(town_port());
    citizen crowd[CROWD];

    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (citizen){.bus = bus, .number = i};
        pthread_create(&crowd[i].thread, NULL, live, &crowd[i]);
    }
    for (int i = 0; i < CROWD; i++)
        pthread_join(crowd[i].thread, NULL);
    cr_expect_eq(autobus_bus_stat(bus, AUTOBUS_STAT_OFFERED), 0);
    autobus_bus_free(&bus);
}

static void *publish_until_closed(void *userdata)
{
    autobus_service *lamp = userdata;

    while (autobus_service_publish(lamp) == AUTOBUS_OK)
        autobus_service_withdraw(lamp);
    return NULL;
}

Test(bus, may_be_freed_while_others_publish)
{
    autobus_bus *bus = town_bus(town_port());
    autobus_service *lamps[CROWD];
    pthread_t threads[CROWD];
    char id[16];

    for (int i = 0; i < CROWD; i++) {
        snprintf(id, sizeof id, "l%d", i);
        lamps[i] = town_lamp(bus, id);
        pthread_create(&threads[i], NULL, publish_until_closed, lamps[i]);
    }
    autobus_bus_free(&bus);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        autobus_service_free(&lamps[i]);
    }
}
