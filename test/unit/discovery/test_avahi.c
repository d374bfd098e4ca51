/* SPDX-License-Identifier: MIT
 * The avahi source where there is no daemon, or a message bus that never answers. What it does with a daemon is
 * told by the stories. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "discovery/avahi.h"
#include "unit/discovery/bus_thread.h"

static ab_loop *loop;
static ab_interfaces *interfaces;
static ab_source *source;

static void ignore_change(void *owner)
{
    (void)owner;
}

static void fail_told(void *owner, const ab_address *at, const ab_presence *presence)
{
    (void)owner, (void)at, (void)presence;
    cr_assert_fail("somebody is told where nobody is");
}

static void fail_lost(void *owner, const ab_address *at, uint64_t bus)
{
    (void)owner, (void)at, (void)bus;
    cr_assert_fail("somebody is lost where nobody was");
}

static autobus_result open_source(void)
{
    static const ab_avahi_ops ops = {.told = fail_told, .lost = fail_lost};
    loop = bus_thread_new();
    cr_assert_eq(ab_interfaces_new(loop, "lo", ignore_change, NULL, &interfaces), AUTOBUS_OK, "%s",
                 autobus_last_error());
    ab_avahi_config config = {
        .interfaces = interfaces, .is_restricted = true, .bus = 7, .ops = &ops};
    return ab_avahi_new(loop, &config, &source);
}

static void finish(void)
{
    ab_interfaces_free(interfaces);
    ab_loop_free(loop);
}

TestSuite(avahi, .fini = finish);

#if AUTOBUS_AVAHI

static void offer_something(void)
{
    ab_presence presence = {.bus = 7, .sequence = 1, .count = 1, .interval = 10000, .port = 4711};
    bus_lock(loop);
    source->class->presence(source, &presence);
    bus_unlock(loop);
}

/* Where every test of a process says the message bus is: libdbus asks the environment only once. The name is
 * abstract, so that nothing has to be cleaned up. */
static socklen_t name_message_bus(struct sockaddr_un *here)
{
    char address[128];
    *here = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length =
        snprintf(here->sun_path + 1, sizeof here->sun_path - 1, "autobus-test-%d", (int)getpid());
    snprintf(address, sizeof address, "unix:abstract=%s", here->sun_path + 1);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* A message bus that takes connections and says nothing. Returns its socket. */
static int open_deaf_bus(void)
{
    struct sockaddr_un here;
    socklen_t size = name_message_bus(&here);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&here, size), 0);
    cr_assert_eq(listen(fd, 4), 0);
    return fd;
}

Test(avahi, waits_for_a_daemon_without_a_word)
{
    struct sockaddr_un nobody;
    name_message_bus(&nobody);
    cr_assert_eq(open_source(), AUTOBUS_OK, "%s", autobus_last_error());
    bus_thread_start(loop);
    offer_something();
    char *text = source->class->text(source);
    cr_expect_str_eq(text, "avahi (no daemon)");
    free(text);
    bus_thread_stop(loop);
    source->class->free(source);
}

static bool has_called(void *fd)
{
    int call = accept4(*(int *)fd, NULL, NULL, SOCK_CLOEXEC);
    if (call >= 0)
        *(int *)fd = call;
    return call >= 0;
}

Test(avahi, holds_nobody_up_when_the_message_bus_hangs)
{
    int fd = open_deaf_bus(), call = fd;
    cr_assert_eq(open_source(), AUTOBUS_OK, "%s", autobus_last_error());
    bus_thread_start(loop);
    cr_assert(bus_thread_until(loop, has_called, &call), "it does not even try");
    double before = bus_milliseconds();
    for (int i = 0; i < 100; i++)
        offer_something();
    free(source->class->text(source));
    cr_expect_lt(bus_milliseconds() - before, 100.0, "a call waits");
    bus_thread_stop(loop);
    before = bus_milliseconds();
    source->class->free(source);
    cr_expect_lt(bus_milliseconds() - before, 1000.0, "the end waits");
    /* With its caller gone, the thread that was left behind ends as well. */
    close(call);
    close(fd);
}

#else

Test(avahi, says_that_it_was_not_built)
{
    cr_assert_eq(open_source(), AUTOBUS_FAILED);
    cr_expect_not_null(strstr(autobus_last_error(), "AUTOBUS_AVAHI=OFF"), "%s",
                       autobus_last_error());
}

#endif
