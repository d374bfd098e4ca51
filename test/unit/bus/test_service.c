/* SPDX-License-Identifier: MIT
 * Published services: their ids, their mistakes, and finding them. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "support/eventually.h"
#include "support/small_town.h"

static void expect_refusal(autobus_service *service, autobus_result result, const char *part)
{
    cr_expect_eq(autobus_service_publish(service), result);
    cr_expect_not_null(strstr(autobus_last_error(), part), "\"%s\" does not say \"%s\"",
                       autobus_last_error(), part);
    cr_expect_not(autobus_service_is_published(service));
    autobus_service_free(&service);
    cr_expect_null(service);
}

Test(service, info_must_be_an_object)
{
    autobus_bus *bus = town_hermit();

    expect_refusal(autobus_service_parse(bus, "[1, 2]"), AUTOBUS_INVALID, "[ 1, 2 ]");
    expect_refusal(autobus_service_parse(bus, "{'type': "), AUTOBUS_INVALID, "");
    expect_refusal(autobus_service_new(bus, NULL), AUTOBUS_INVALID, "null");
    expect_refusal(autobus_service_parse(NULL, "{}"), AUTOBUS_INVALID, "bus");
    cr_expect_eq(autobus_bus_stat(bus, AUTOBUS_STAT_OFFERED), 0);
    autobus_bus_free(&bus);
}

Test(service, info_must_fit_a_datagram)
{
    autobus_bus *bus = town_hermit();
    char *long_name = malloc(17001);

    memset(long_name, 'x', 17000);
    long_name[17000] = '\0';
    json_object *info = json_object_new_object();
    json_object_object_add(info, "name", json_object_new_string(long_name));
    expect_refusal(autobus_service_new(bus, info), AUTOBUS_TOO_LARGE, "16384");
    cr_expect_eq(autobus_bus_stat(bus, AUTOBUS_STAT_OFFERED), 0,
                 "the introspection service left too");
    free(long_name);
    autobus_bus_free(&bus);
}

/* Levels of {"a": …} around an empty object. */
static json_object *nested(int levels)
{
    json_object *tree = json_object_new_object();

    for (int i = 1; i < levels; i++) {
        json_object *outer = json_object_new_object();
        json_object_object_add(outer, "a", tree);
        tree = outer;
    }
    return tree;
}

Test(service, info_may_be_nested_as_deep_as_others_read_it)
{
    uint16_t port = town_port();
    autobus_bus *here = town_bus(port), *there = town_bus(port);
    autobus_sighting *seen = NULL;
    autobus_service *deep = autobus_service_new(there, nested(61));

    autobus_service_set_id(deep, "deep");
    cr_assert_eq(autobus_service_publish(deep), AUTOBUS_OK, "%s", autobus_last_error());
    EVENTUALLY(autobus_bus_find(here, "deep", &seen) == AUTOBUS_OK);
    cr_expect_eq(autobus_bus_stat(here, AUTOBUS_STAT_DROPPED_MALFORMED), 0);
    expect_refusal(autobus_service_new(there, nested(62)), AUTOBUS_TOO_LARGE, "61");
    autobus_sighting_free(&seen);
    autobus_service_free(&deep);
    autobus_bus_free(&here);
    autobus_bus_free(&there);
}

Test(service, carries_the_hostname_that_the_library_sets)
{
    autobus_bus *bus = town_hermit();
    autobus_sighting *seen = NULL;
    autobus_service *lamp = autobus_service_parse(bus, "{'type': 'lamp', 'hostname': 'a.b.c'}");

    cr_assert_eq(autobus_service_publish(lamp), AUTOBUS_OK);
    cr_assert_eq(autobus_bus_find(bus, autobus_service_id(lamp), &seen), AUTOBUS_OK);
    json_object *info = autobus_sighting_info(seen), *value = NULL;
    cr_assert(json_object_object_get_ex(info, "hostname", &value));
    cr_expect_str_neq(json_object_get_string(value), "a.b.c");
    cr_expect_null(strchr(json_object_get_string(value), '.'));
    cr_assert(json_object_object_get_ex(info, "host", &value));
    cr_expect_str_eq(json_object_get_string(value), "127.0.0.1");
    cr_assert(json_object_object_get_ex(info, "port", &value));
    cr_expect_eq(json_object_get_int(value), autobus_bus_port(bus));
    cr_assert(json_object_object_get_ex(info, "service", &value));
    cr_expect_str_eq(json_object_get_string(value), autobus_service_id(lamp));
    json_object_put(info);
    autobus_sighting_free(&seen);
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

Test(service, id_may_be_chosen_before_it_is_published)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "known beforehand");
    autobus_service *twin = autobus_service_parse(bus, "{'type': 'lamp'}");

    cr_expect_str_eq(autobus_service_id(lamp), "known beforehand");
    cr_expect_eq(autobus_service_set_id(lamp, "other"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_publish(lamp), AUTOBUS_OK, "publishing again is fine");
    autobus_service_set_id(twin, "known beforehand");
    expect_refusal(twin, AUTOBUS_IN_USE, "known beforehand");
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

Test(service, id_must_be_text)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = autobus_service_parse(bus, "{}");

    cr_expect_eq(autobus_service_set_id(lamp, ""), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set_id(lamp, "a\nb"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_set_id(lamp, "K\xfc"
                                              "che"),
                 AUTOBUS_INVALID, "Latin-1");
    cr_expect_eq(autobus_service_set_id(lamp, "K\xc3\xbc"
                                              "che"),
                 AUTOBUS_OK, "UTF-8");
    expect_refusal(lamp, AUTOBUS_INVALID, "id");
    autobus_bus_free(&bus);
}

Test(service, may_be_withdrawn_and_published_again)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");
    autobus_sighting *seen = NULL;

    cr_expect(autobus_service_is_published(lamp));
    cr_expect_eq(autobus_service_withdraw(lamp), AUTOBUS_OK);
    cr_expect_eq(autobus_service_withdraw(lamp), AUTOBUS_OK);
    cr_expect_not(autobus_service_is_published(lamp));
    cr_expect_eq(autobus_bus_find(bus, "lamp", &seen), AUTOBUS_NOT_FOUND);
    cr_expect_null(seen);
    cr_expect_eq(autobus_service_publish(lamp), AUTOBUS_OK);
    cr_expect_eq(autobus_bus_find(bus, "lamp", &seen), AUTOBUS_OK);
    cr_expect_eq(autobus_sighting_locations(seen), 1);
    autobus_sighting_free(&seen);
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
}

Test(service, of_another_bus_is_found_once_the_picture_is_complete)
{
    uint16_t port = town_port();
    autobus_bus *there = town_bus(port);
    autobus_sighting *seen = NULL, *kept = NULL;

    autobus_service *lamp = town_lamp(there, "lamp");
    autobus_bus *here = town_bus(port);
    cr_assert_eq(autobus_bus_settle(here, 5000), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_bus_find(here, "lamp", &seen), AUTOBUS_OK, "%s", autobus_last_error());
    kept = autobus_sighting_keep(seen);
    autobus_sighting_free(&seen);
    autobus_bus_free(&here);
    cr_expect_str_eq(autobus_sighting_host(kept), "127.0.0.1", "a sighting outlives its bus");
    cr_expect_eq(autobus_sighting_port(kept), autobus_bus_port(there));
    autobus_sighting_free(&kept);
    autobus_service_free(&lamp);
    autobus_bus_free(&there);
}

Test(service, outlives_its_bus_as_a_closed_one)
{
    autobus_bus *bus = town_hermit();
    autobus_service *lamp = town_lamp(bus, "lamp");

    autobus_bus_free(&bus);
    cr_expect_not(autobus_service_is_published(lamp));
    cr_expect_eq(autobus_service_publish(lamp), AUTOBUS_CLOSED);
    autobus_service_free(&lamp);
}

Test(service, handles_that_are_null_are_tolerated)
{
    autobus_service *none = NULL;

    autobus_service_free(&none);
    autobus_service_free(NULL);
    cr_expect_eq(autobus_service_publish(NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_service_withdraw(NULL), AUTOBUS_INVALID);
    cr_expect_not(autobus_service_is_published(NULL));
    cr_expect_str_eq(autobus_service_id(NULL), "");
}
