/* SPDX-License-Identifier: MIT
 * Remotes as they bind, are lost, and bind again; and what calls do meanwhile. */
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "home.h"
#include "support/eventually.h"
#include "support/hand.h"
#include "support/small_town.h"

static void expect_call(autobus_remote *remote, const char *name, const char *arguments,
                        const char *answer)
{
    char *text = NULL;
    cr_assert_eq(autobus_call_text(remote, name, arguments, 5000, &text), AUTOBUS_OK, "%s: %s",
                 name, autobus_last_error());
    cr_expect_str_eq(text, answer);
    free(text);
}

Test(remote, a_proxy_waits_for_its_service_and_calls_it)
{
    lamp here = {0};
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    autobus_remote *proxy = home_proxy(bus);
    cr_expect_eq(autobus_remote_wait(proxy, 20), AUTOBUS_TIMEOUT);
    lamp_switch_on(&here, port, NULL, 1);
    expect_call(proxy, "add", "[1, 2, 3]", "6");
    cr_expect_eq(autobus_remote_bound(proxy), 1);
    town_expect_way(bus);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

Test(remote, a_failure_comes_back_with_its_sentence)
{
    lamp here = {0};
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    lamp_switch_on(&here, port, NULL, 1);
    autobus_remote *proxy = home_proxy(bus);
    cr_expect_eq(autobus_call(proxy, "fail", NULL, 5000, NULL), AUTOBUS_REMOTE);
    cr_expect_str_eq(autobus_last_error(), "the bulb is broken");
    cr_expect_eq(autobus_call(proxy, "nonsense", NULL, 5000, NULL), AUTOBUS_NOT_FOUND);
    cr_expect_eq(autobus_call(proxy, "never", NULL, 50, NULL), AUTOBUS_TIMEOUT);
    cr_expect_eq(autobus_call(proxy, "add", json_object_new_int(3), 50, NULL), AUTOBUS_INVALID);
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

Test(remote, a_connection_needs_no_discovery)
{
    lamp here = {0};
    lamp_switch_on(&here, town_port(), "kitchen", 1);
    autobus_bus *bus = town_hermit();
    autobus_remote *connection = NULL;
    uint16_t port = autobus_bus_port(here.bus);
    cr_assert_eq(autobus_connect_to(bus, "127.0.0.1", port, "kitchen", 5000, &connection),
                 AUTOBUS_OK, "%s", autobus_last_error());
    expect_call(connection, "add", "[40, 2]", "42");
    autobus_remote_free(&connection);
    cr_expect_eq(autobus_connect_to(bus, "127.0.0.1", port, "cellar", 5000, &connection),
                 AUTOBUS_NOT_FOUND);
    cr_expect_null(connection);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

static bool knows(const char *host)
{
    struct addrinfo *found;
    if (getaddrinfo(host, NULL, NULL, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

Test(remote, a_connection_goes_to_a_host_by_its_name)
{
    if (!knows("localhost"))
        cr_skip_test("no localhost here: there is no /etc/hosts");
    lamp here = {0};
    lamp_switch_on(&here, town_port(), "kitchen", 1);
    autobus_bus *bus = town_hermit();
    autobus_remote *connection = NULL;
    cr_assert_eq(
        autobus_connect_to(bus, "localhost", autobus_bus_port(here.bus), NULL, 5000, &connection),
        AUTOBUS_OK, "%s", autobus_last_error());
    char *details = NULL;
    cr_assert_eq(autobus_call_text(connection, "get_details", NULL, 5000, &details), AUTOBUS_OK);
    cr_expect_not_null(strstr(details, "\"kitchen\""));
    free(details);
    autobus_remote_free(&connection);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
}

Test(remote, a_call_to_a_connection_that_is_dead_already_fails_for_what_it_died_of)
{
    uint16_t port;
    int listening = hand_listen(&port);
    autobus_bus *bus = town_hermit();
    autobus_remote *connection = NULL;
    cr_assert_eq(autobus_connect_to(bus, "127.0.0.1", port, "lamp", 0, &connection), AUTOBUS_OK);
    hand *server = hand_accept(listening);
    hand_send(server, "SSH-2.0-OpenSSH_9.2\r\n");
    cr_expect_eq(autobus_remote_wait(connection, 5000), AUTOBUS_INCOMPATIBLE);
    cr_expect_eq(autobus_call(connection, "add", NULL, 5000, NULL), AUTOBUS_INCOMPATIBLE);
    cr_expect_not_null(strstr(autobus_last_error(), "no JSON object"), "%s", autobus_last_error());
    autobus_remote_free(&connection);
    autobus_bus_free(&bus);
    hand_free(server);
    close(listening);
}

Test(remote, a_connection_dies_once_and_says_why_even_to_those_who_come_late)
{
    lamp here = {0};
    record early, late;
    record_init(&early);
    record_init(&late);
    lamp_switch_on(&here, town_port(), "kitchen", 1);
    autobus_bus *bus = town_hermit();
    autobus_remote *connection = NULL;
    cr_assert_eq(autobus_connect_to(bus, "127.0.0.1", autobus_bus_port(here.bus), "kitchen", 5000,
                                    &connection),
                 AUTOBUS_OK);
    autobus_remote_on_state(connection, true, record_heard, &early, record_freed, NULL);
    lamp_switch_off(&here);
    EVENTUALLY(record_has(&early, "lost kitchen failed;"));
    autobus_remote_on_state(connection, true, record_heard, &late, record_freed, NULL);
    EVENTUALLY(record_has(&late, "lost kitchen failed;"));
    cr_expect_str_eq(early.text, "bound kitchen;lost kitchen failed;");
    cr_expect_eq(autobus_call(connection, "add", NULL, 5000, NULL), AUTOBUS_CLOSED);
    autobus_remote_free(&connection);
    autobus_bus_free(&bus);
    cr_expect_eq(early.freed + late.freed, 2);
    record_fini(&early);
    record_fini(&late);
}

Test(remote, a_proxy_finds_its_service_again_and_tells_the_value_once_more)
{
    lamp here = {0};
    record level;
    record_init(&level);
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    autobus_remote *proxy = home_proxy(bus);
    autobus_watch(proxy, "level", record_heard, &level, record_freed, NULL);
    int rounds = 1 + (int)(20 * home_scale());
    for (int i = 0; i < rounds; i++) {
        lamp_switch_on(&here, port, NULL, 7);
        EVENTUALLY(record_count(&level) == 2 + 2 * i);
        lamp_switch_off(&here);
        EVENTUALLY(record_count(&level) == 3 + 2 * i);
    }
    cr_expect_str_eq(strncmp(level.text, "gone ;value 7;gone ", 19) == 0 ? "" : level.text, "");
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    cr_expect_eq(level.freed, 1);
    record_fini(&level);
}

Test(remote, what_a_call_does_unbound_is_chosen)
{
    record answers;
    record_init(&answers);
    autobus_bus *bus = town_bus(town_port());
    autobus_remote *proxy = home_proxy(bus);
    size_t count = 9;
    cr_expect_eq(autobus_send(proxy, "add", NULL, AUTOBUS_UNBOUND_DEFAULT, &count), AUTOBUS_OK);
    cr_expect_eq(count, 0);
    cr_expect_eq(autobus_send(proxy, "add", NULL, AUTOBUS_UNBOUND_FAIL, &count), AUTOBUS_NOT_FOUND);
    autobus_call_async(proxy, "add", NULL, 5000, AUTOBUS_UNBOUND_FAIL, record_heard, &answers,
                       record_freed, NULL);
    EVENTUALLY(record_frees(&answers) == 1);
    autobus_call_async(proxy, "add", NULL, 5000, AUTOBUS_UNBOUND_DROP, record_heard, &answers,
                       record_freed, NULL);
    EVENTUALLY(record_frees(&answers) == 2);
    autobus_call_async(proxy, "add", NULL, 30, AUTOBUS_UNBOUND_WAIT, record_heard, &answers,
                       record_freed, NULL);
    EVENTUALLY(record_frees(&answers) == 3);
    cr_expect_str_eq(answers.text, "answer null failed;answer null;answer null failed;");
    cr_expect_eq(autobus_remote_set_unbound(proxy, AUTOBUS_UNBOUND_FAIL), AUTOBUS_OK);
    cr_expect_eq(autobus_call(proxy, "add", NULL, 5000, NULL), AUTOBUS_NOT_FOUND);
    autobus_remote_free(&proxy);
    autobus_bus_free(&bus);
    record_fini(&answers);
}

Test(remote, a_cancelled_call_completes_once)
{
    lamp here = {0};
    record answers;
    record_init(&answers);
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    lamp_switch_on(&here, port, NULL, 1);
    autobus_remote *proxy = home_proxy(bus);
    uint64_t call = 0;
    cr_assert_eq(autobus_remote_wait(proxy, 5000), AUTOBUS_OK);
    autobus_call_async(proxy, "slow", NULL, 5000, 0, record_heard, &answers, record_freed, &call);
    cr_expect_eq(autobus_call_cancel(proxy, call), AUTOBUS_OK);
    EVENTUALLY(record_frees(&answers) == 1);
    cr_expect_eq(autobus_call_cancel(proxy, call), AUTOBUS_NOT_FOUND);
    expect_call(proxy, "slow", NULL, "\"late\"");
    cr_expect_str_eq(answers.text, "answer null failed;");
    autobus_remote_free(&proxy);
    lamp_switch_off(&here);
    autobus_bus_free(&bus);
    record_fini(&answers);
}

Test(remote, a_multi_proxy_calls_all_and_keeps_a_table)
{
    lamp one = {0}, two = {0};
    record answers, states;
    record_init(&answers);
    record_init(&states);
    uint16_t port = town_port();
    autobus_bus *bus = town_bus(port);
    autobus_remote *lamps = NULL;
    cr_assert_eq(autobus_multi_new(bus, autobus_filter_parse("{'type': 'lamp'}"), &lamps),
                 AUTOBUS_OK);
    autobus_remote_on_state(lamps, true, record_heard, &states, NULL, NULL);
    lamp_switch_on(&one, port, "one", 1);
    lamp_switch_on(&two, port, "two", 2);
    autobus_watch(lamps, "level", record_heard, &answers, NULL, NULL);
    EVENTUALLY(record_has(&answers, "value 1;") && record_has(&answers, "value 2;"));
    json_object *table = NULL;
    cr_assert_eq(autobus_values(lamps, "level", &table), AUTOBUS_OK);
    cr_expect_eq(json_object_get_int(json_object_object_get(table, "one")), 1);
    cr_expect_eq(json_object_get_int(json_object_object_get(table, "two")), 2);
    json_object_put(table);
    cr_expect_eq(autobus_call(lamps, "add", NULL, 1000, NULL), AUTOBUS_INVALID);
    autobus_call_text_async(lamps, "add", "[20, 2]", 5000, 0, record_heard, &answers, record_freed,
                            NULL);
    EVENTUALLY(record_frees(&answers) == 1);
    cr_expect(record_has(&answers, "answer 22;answer 22;"));
    lamp_switch_off(&one);
    EVENTUALLY(record_has(&states, "lost one failed;"));
    EVENTUALLY(record_has(&answers, "gone one;"));
    cr_expect_eq(autobus_remote_bound(lamps), 1);
    autobus_remote_free(&lamps);
    lamp_switch_off(&two);
    autobus_bus_free(&bus);
    record_fini(&answers);
    record_fini(&states);
}
