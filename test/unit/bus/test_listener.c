/* SPDX-License-Identifier: MIT
 * Listeners: what they hear, in which order, and what they may do while they hear it. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "support/small_town.h"

Test(listener, hears_a_service_come_and_go)
{
    uint16_t port = town_port();
    autobus_bus *here = town_bus(port), *there = town_bus(port);
    town_ear ear;

    town_ear_init(&ear);
    autobus_listener *listener = town_listen(here, &ear);
    autobus_service *lamp = town_lamp(there, "one");
    cr_assert(town_ear_hears(&ear, "+one "));
    autobus_service_free(&lamp);
    cr_assert(town_ear_hears(&ear, "+one -one "));
    autobus_listener_free(&listener);
    cr_expect(town_ear_is_freed(&ear, 1));
    autobus_bus_free(&here);
    autobus_bus_free(&there);
    town_ear_fini(&ear);
}

Test(listener, hears_the_services_of_its_own_bus_without_discovery)
{
    autobus_bus *bus = town_hermit();
    town_ear ear;

    town_ear_init(&ear);
    autobus_service *early = town_lamp(bus, "early");
    autobus_listener *listener = town_listen(bus, &ear);
    autobus_service *late = town_lamp(bus, "late");
    autobus_service_withdraw(early);
    cr_assert(town_ear_hears(&ear, "+early +late -early "));
    autobus_service_free(&early);
    autobus_service_free(&late);
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    town_ear_fini(&ear);
}

Test(listener, hears_nothing_that_was_there_unless_it_asks)
{
    autobus_bus *bus = town_hermit();
    autobus_listener *listener = NULL;
    town_ear ear;

    town_ear_init(&ear);
    autobus_service *early = town_lamp(bus, "early");
    cr_assert_eq(autobus_listener_new(bus, NULL, false, town_ear_heard, &ear, NULL, &listener),
                 AUTOBUS_OK);
    autobus_service_free(&early);
    cr_assert(town_ear_hears(&ear, "-early "));
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    town_ear_fini(&ear);
}

Test(listener, with_no_filter_is_not_told_of_the_librarys_own_services)
{
    autobus_bus *bus = town_hermit();
    autobus_sighting **all = NULL;
    size_t count = 0;

    autobus_service *lamp = town_lamp(bus, "lamp");
    cr_assert_eq(autobus_bus_enumerate(bus, NULL, &all, &count), AUTOBUS_OK);
    cr_expect_eq(count, 1);
    autobus_sightings_free(&all, count);
    cr_assert_eq(autobus_bus_enumerate(bus, autobus_filter_new(), &all, &count), AUTOBUS_OK);
    cr_expect_eq(count, 2, "the lamp and autobus.details");
    autobus_sightings_free(&all, count);
    autobus_service_free(&lamp);
    cr_assert_eq(autobus_bus_enumerate(bus, autobus_filter_new(), &all, &count), AUTOBUS_OK);
    cr_expect_eq(count, 0, "the introspection service goes with the last");
    autobus_sightings_free(&all, count);
    autobus_bus_free(&bus);
}

Test(listener, whose_filter_names_a_port_hears_what_moves_into_it)
{
    autobus_bus *bus = town_hermit();
    autobus_listener *listener = NULL;
    autobus_filter *filter = autobus_filter_new();
    char condition[32];
    town_ear ear;

    town_ear_init(&ear);
    snprintf(condition, sizeof condition, "port=%u", autobus_bus_port(bus));
    autobus_filter_add_text(filter, condition);
    autobus_filter_add_text(filter, "type=lamp");
    cr_assert_eq(autobus_listener_new(bus, filter, true, town_ear_heard, &ear, NULL, &listener),
                 AUTOBUS_OK);
    autobus_service *lamp = town_lamp(bus, "lamp");
    autobus_service_free(&lamp);
    cr_assert(town_ear_hears(&ear, "+lamp -lamp "));
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    town_ear_fini(&ear);
}

typedef struct suicide {
    town_ear ear;
    autobus_listener *listener;
    autobus_bus *bus;
} suicide;

static void free_listener(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    suicide *self = userdata;
    town_ear_heard(&self->ear, change, sighting);
    autobus_listener_free(&self->listener);
}

Test(listener, may_free_itself_while_it_hears)
{
    suicide self = {.bus = town_hermit()};

    town_ear_init(&self.ear);
    cr_assert_eq(autobus_listener_new(self.bus, NULL, false, free_listener, &self, town_ear_freed,
                                      &self.listener),
                 AUTOBUS_OK);
    autobus_service *one = town_lamp(self.bus, "one"), *two = town_lamp(self.bus, "two");
    cr_assert(town_ear_is_freed(&self.ear, 1));
    cr_expect_eq(autobus_bus_sync(self.bus), AUTOBUS_OK);
    cr_expect(town_ear_hears(&self.ear, "+one "));
    autobus_service_free(&one);
    autobus_service_free(&two);
    autobus_bus_free(&self.bus);
    town_ear_fini(&self.ear);
}

static void free_bus(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    suicide *self = userdata;
    town_ear_heard(&self->ear, change, sighting);
    autobus_bus_free(&self->bus);
}

Test(listener, may_free_its_bus_while_it_hears)
{
    suicide self = {.bus = town_bus(town_port())};

    town_ear_init(&self.ear);
    cr_assert_eq(autobus_listener_new(self.bus, NULL, false, free_bus, &self, town_ear_freed,
                                      &self.listener),
                 AUTOBUS_OK);
    autobus_service *lamp = town_lamp(self.bus, "lamp");
    cr_assert(town_ear_is_freed(&self.ear, 1));
    cr_expect_null(self.bus);
    cr_expect_eq(autobus_service_publish(lamp), AUTOBUS_CLOSED);
    autobus_service_free(&lamp);
    autobus_listener_free(&self.listener);
    town_ear_fini(&self.ear);
}

Test(listener, is_told_from_the_programs_own_loop_if_it_asks)
{
    autobus_options *options = autobus_options_new();
    autobus_bus *bus = NULL;
    town_ear ear;

    autobus_options_set_text(options, AUTOBUS_SOURCES, "none");
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK);
    town_ear_init(&ear);
    autobus_listener *listener = town_listen(bus, &ear);
    struct pollfd waits = {.fd = autobus_bus_fd(bus), .events = POLLIN};
    cr_expect_eq(poll(&waits, 1, 0), 0);
    autobus_service *lamp = town_lamp(bus, "lamp");
    cr_assert_eq(poll(&waits, 1, 5000), 1);
    cr_expect_str_eq(ear.text, "", "nothing is called before the dispatch");
    cr_expect_eq(autobus_bus_dispatch(bus), 1);
    cr_expect_str_eq(ear.text, "+lamp ");
    cr_expect_eq(poll(&waits, 1, 0), 0);
    cr_expect_eq(autobus_bus_dispatch(bus), 0);
    autobus_service_free(&lamp);
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    town_ear_fini(&ear);
}

static void free_bus_by_dispatch(void *userdata, autobus_change change,
                                 const autobus_sighting *sighting)
{
    suicide *self = userdata;
    autobus_bus *bus = self->bus;
    free_bus(userdata, change, sighting);
    cr_expect_eq(autobus_bus_dispatch(bus), -1);
}

Test(listener, may_free_its_bus_while_it_is_dispatched)
{
    suicide self = {0};
    autobus_options *options = town_options(town_port());

    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    cr_assert_eq(autobus_bus_new(options, &self.bus), AUTOBUS_OK);
    town_ear_init(&self.ear);
    cr_assert_eq(autobus_listener_new(self.bus, NULL, false, free_bus_by_dispatch, &self,
                                      town_ear_freed, &self.listener),
                 AUTOBUS_OK);
    autobus_service *lamp = town_lamp(self.bus, "lamp");
    cr_expect_eq(autobus_bus_dispatch(self.bus), 1);
    cr_expect_eq(self.ear.freed, 1);
    autobus_service_free(&lamp);
    autobus_listener_free(&self.listener);
    town_ear_fini(&self.ear);
}

Test(listener, needs_a_callback_and_a_filter_without_mistakes)
{
    autobus_bus *bus = town_hermit();
    autobus_listener *listener = NULL;
    autobus_filter *bad = autobus_filter_new();
    town_ear ear;

    town_ear_init(&ear);
    cr_expect_eq(autobus_listener_new(bus, NULL, true, NULL, &ear, town_ear_freed, &listener),
                 AUTOBUS_INVALID);
    autobus_filter_equal(bad, "", NULL);
    cr_expect_eq(
        autobus_listener_new(bus, bad, true, town_ear_heard, &ear, town_ear_freed, &listener),
        AUTOBUS_INVALID);
    cr_expect_eq(
        autobus_listener_new(NULL, NULL, true, town_ear_heard, &ear, town_ear_freed, &listener),
        AUTOBUS_INVALID);
    cr_expect_null(listener);
    cr_expect_eq(ear.freed, 3, "what is passed is taken, also on failure");
    autobus_bus_free(&bus);
    town_ear_fini(&ear);
}

Test(listener, is_not_told_that_its_own_bus_ends)
{
    for (int i = 0; i < 50; i++) {
        autobus_bus *bus = town_hermit();
        town_ear ear;
        town_ear_init(&ear);
        autobus_listener *listener = town_listen(bus, &ear);
        autobus_service *lamp = town_lamp(bus, "lamp");
        cr_assert(town_ear_hears(&ear, "+lamp "));
        autobus_bus_free(&bus);
        cr_expect_str_eq(ear.text, "+lamp ");
        cr_expect_eq(ear.freed, 1);
        autobus_service_free(&lamp);
        autobus_listener_free(&listener);
        town_ear_fini(&ear);
    }
}
