/* SPDX-License-Identifier: MIT
 * Who may outlive whom: hooks and callbacks that free services, listeners and the bus itself while it ends. */
#include <dirent.h>

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

static autobus_bus *dispatched_hermit(void)
{
    autobus_options *options = autobus_options_new();
    autobus_bus *bus = NULL;

    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    return bus;
}

typedef struct household {
    autobus_bus *bus;
    autobus_service *lamp;
    autobus_listener *listener;
    bool has_handle;
    int heard;
} household;

static void hear_nothing(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    (void)userdata, (void)change, (void)sighting;
}

static void free_lamp(void *userdata)
{
    household *home = userdata;
    autobus_service_free(&home->lamp);
}

Test(lifetime, of_a_service_may_end_in_a_hook_while_its_bus_ends)
{
    household home = {.bus = town_hermit()};

    home.lamp = town_lamp(home.bus, "lamp");
    cr_assert_eq(
        autobus_listener_new(home.bus, NULL, false, hear_nothing, &home, free_lamp, &home.listener),
        AUTOBUS_OK);
    autobus_bus_free(&home.bus);
    cr_expect_null(home.lamp);
    autobus_listener_free(&home.listener);
}

static void free_bus(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    household *home = userdata;
    (void)change, (void)sighting;
    home->heard++;
    autobus_bus_free(&home->bus);
}

Test(lifetime, of_a_bus_may_end_in_a_callback_that_a_sync_has_run)
{
    int before = open_fds();
    household home = {.bus = dispatched_hermit()};

    home.lamp = town_lamp(home.bus, "lamp");
    cr_assert_eq(autobus_listener_new(home.bus, NULL, true, free_bus, &home, NULL, &home.listener),
                 AUTOBUS_OK);
    cr_expect_eq(autobus_bus_sync(home.bus), AUTOBUS_OK);
    cr_expect_eq(home.heard, 1);
    autobus_service_free(&home.lamp);
    autobus_listener_free(&home.listener);
    cr_expect_eq(open_fds(), before, "its thread and its sockets are gone");
}

static void free_itself(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    household *home = userdata;
    (void)change, (void)sighting;
    home->has_handle = home->listener != NULL;
    home->heard++;
    autobus_listener_free(&home->listener);
}

Test(lifetime, of_a_listener_may_end_in_its_first_callback)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");

    for (int i = 0; i < 200; i++) {
        household home = {0};
        cr_assert_eq(
            autobus_listener_new(bus, NULL, true, free_itself, &home, NULL, &home.listener),
            AUTOBUS_OK);
        cr_expect_eq(autobus_bus_sync(bus), AUTOBUS_OK);
        cr_expect_eq(home.heard, 1);
        cr_expect(home.has_handle, "the handle is there before anything is heard");
    }
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

Test(lifetime, of_a_listener_without_a_handle_is_that_of_its_bus)
{
    int before = open_fds();
    autobus_bus *bus = town_hermit();
    town_ear ear;

    town_ear_init(&ear);
    cr_expect_eq(autobus_listener_new(bus, NULL, true, town_ear_heard, &ear, town_ear_freed, NULL),
                 AUTOBUS_OK);
    autobus_service *lamp = town_lamp(bus, "lamp");
    cr_expect(town_ear_hears(&ear, "+lamp "));
    autobus_bus_free(&bus);
    cr_expect_eq(ear.freed, 1);
    autobus_service_free(&lamp);
    cr_expect_eq(open_fds(), before, "nobody holds the bus any more");
    town_ear_fini(&ear);
}
