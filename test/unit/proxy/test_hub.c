/* SPDX-License-Identifier: MIT
 * A hub: many services of one bus, and a client of them all, which has one connection to it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <json-c/json.h>

#include "home.h"
#include "support/eventually.h"
#include "support/small_town.h"

enum {
    SERVICES = 40
};

static autobus_bus *hub, *client;
static autobus_service *services[SERVICES];
static autobus_remote *remotes[SERVICES];

static void whoami(void *userdata, autobus_request *request)
{
    char text[20];
    snprintf(text, sizeof text, "%d", (int)(intptr_t)userdata);
    autobus_request_answer_text(request, text);
}

static void publish(int which)
{
    char id[20];
    snprintf(id, sizeof id, "lamp-%d", which);
    services[which] = autobus_service_parse(hub, "{'type': 'lamp'}");
    autobus_service_set_id(services[which], id);
    autobus_service_add_function(services[which], "whoami", NULL, AUTOBUS_INLINE, whoami,
                                 (void *)(intptr_t)which, NULL);
    autobus_service_add_event(services[which], "pressed", NULL);
    autobus_service_add_object(services[which], "level", NULL, json_object_new_int(which));
    cr_assert_eq(autobus_service_publish(services[which]), AUTOBUS_OK, "%s", autobus_last_error());
}

static void connect_to(int which)
{
    char id[20];
    snprintf(id, sizeof id, "lamp-%d", which);
    cr_assert_eq(
        autobus_connect_to(client, "127.0.0.1", autobus_bus_port(hub), id, 5000, &remotes[which]),
        AUTOBUS_OK, "%s", autobus_last_error());
}

static void open_hub(void)
{
    hub = town_bus(town_port());
    for (int i = 0; i < SERVICES; i++)
        publish(i);
    client = town_hermit();
}

static void close_hub(void)
{
    for (int i = 0; i < SERVICES; i++)
        autobus_remote_free(&remotes[i]);
    for (int i = 0; i < SERVICES; i++)
        autobus_service_free(&services[i]);
    autobus_bus_free(&client);
    autobus_bus_free(&hub);
}

/* In lines each service has one of its own. */
static void expect_connections(uint64_t in_frames, uint64_t in_lines)
{
    cr_expect_eq(autobus_bus_stat(hub, AUTOBUS_STAT_ACCEPTED),
                 town_shares_connections() ? in_frames : in_lines);
}

TestSuite(hub, .init = open_hub, .fini = close_hub);

static void expect_whoami(int which)
{
    char *text = NULL, wanted[20];
    snprintf(wanted, sizeof wanted, "%d", which);
    cr_assert_eq(autobus_call_text(remotes[which], "whoami", "[]", 5000, &text), AUTOBUS_OK,
                 "%d: %s", which, autobus_last_error());
    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(hub, has_one_connection_of_a_client_of_all_its_services)
{
    for (int i = 0; i < SERVICES; i++)
        connect_to(i);
    for (int i = 0; i < SERVICES; i++)
        expect_whoami(i);
    expect_connections(1, SERVICES);
    cr_expect_eq(autobus_bus_stat(client, AUTOBUS_STAT_BOUND), SERVICES);
}

Test(hub, has_one_connection_of_those_who_begin_at_once)
{
    for (int i = 0; i < SERVICES; i++) {
        char id[20];
        snprintf(id, sizeof id, "lamp-%d", i);
        cr_assert_eq(
            autobus_connect_to(client, "127.0.0.1", autobus_bus_port(hub), id, 0, &remotes[i]),
            AUTOBUS_OK, "%s", autobus_last_error());
    }
    for (int i = 0; i < SERVICES; i++)
        expect_whoami(i);
    expect_connections(1, SERVICES);
}

Test(hub, withdraws_one_service_and_keeps_the_others_bound)
{
    for (int i = 0; i < 3; i++)
        connect_to(i);
    for (int i = 0; i < 2; i++) {
        autobus_service_withdraw(services[i]);
        EVENTUALLY(autobus_remote_bound(remotes[i]) == 0);
        expect_whoami(2);
    }
    cr_expect_eq(autobus_remote_bound(remotes[2]), 1);
    expect_connections(1, 3);
}

Test(hub, that_dies_is_lost_to_all_its_clients_remotes)
{
    for (int i = 0; i < SERVICES; i++)
        connect_to(i);
    for (int i = 0; i < SERVICES; i++)
        autobus_service_free(&services[i]);
    autobus_bus_free(&hub);
    for (int i = 0; i < SERVICES; i++)
        EVENTUALLY(autobus_remote_bound(remotes[i]) == 0);
}

/* A program that hears nothing until it dispatches. */

static int heard, out_of_order;

static void pressed(void *userdata, const autobus_message *message)
{
    (void)userdata;
    out_of_order += atoi(autobus_message_text(message, NULL) + 1) != heard;
    heard++;
}

/* Events of the first service, of eight kibibytes each. */
static void fire(int times)
{
    static char text[8192];
    for (int i = 0; i < times; i++) {
        memset(text, 'x', sizeof text - 1);
        int length = snprintf(text, sizeof text, "[%d,\"", i);
        text[length] = 'x';
        memcpy(text + sizeof text - 3, "\"]", 3);
        cr_assert_eq(autobus_service_fire_text(services[0], "pressed", text), AUTOBUS_OK, "%s",
                     autobus_last_error());
    }
}

static void listen_without_hearing(autobus_subscription **ears)
{
    autobus_bus_free(&client);
    autobus_options *options = town_options(town_port());
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);
    autobus_options_set_number(options, AUTOBUS_MAX_QUEUED, 1 << 20);
    cr_assert_eq(autobus_bus_new(options, &client), AUTOBUS_OK, "%s", autobus_last_error());
    heard = out_of_order = 0;
    connect_to(0);
    connect_to(1);
    cr_assert_eq(autobus_listen(remotes[0], "pressed", pressed, NULL, NULL, ears), AUTOBUS_OK);
    expect_whoami(0); /* it listens by now */
}

Test(hub, is_called_by_who_does_not_hear_the_events_of_another_of_its_services)
{
    autobus_subscription *ears;
    listen_without_hearing(&ears);
    fire(450); /* 3.6 MiB, where one has room and the hub for four */
    for (int i = 0; i < 20; i++)
        expect_whoami(1);
    cr_expect_eq(heard, 0);
    EVENTUALLY(autobus_bus_dispatch(client) >= 0 && heard == 450);
    cr_expect_eq(out_of_order, 0);
    expect_whoami(0);
    expect_connections(1, 2);
    autobus_subscription_free(&ears);
}

Test(hub, loses_who_is_too_slow_for_one_service_as_a_listener_of_that_one_alone)
{
    autobus_subscription *ears;
    listen_without_hearing(&ears);
    fire(4000);
    for (int i = 0; i < 20; i++)
        expect_whoami(1);
    EVENTUALLY(autobus_bus_dispatch(client) >= 0 && autobus_remote_bound(remotes[0]) == 0);
    cr_expect_eq(autobus_remote_bound(remotes[1]), 1);
    expect_whoami(1);
    expect_connections(1, 2);
    cr_expect_lt(heard, 4000);
    autobus_subscription_free(&ears);
}

/* A service that works off what it is sent when it is let, and until then wants no more. */

static atomic_int worked;
static atomic_bool is_let;

static void work(void *userdata, autobus_request *request)
{
    (void)userdata;
    (void)request;
    while (!is_let)
        eventually_wait_until_next_look();
    worked++;
}

static void open_hub_of_one_who_is_slow(void)
{
    close_hub();
    autobus_options *options = town_options(town_port());
    autobus_options_set_number(options, AUTOBUS_MAX_CALLS, 8);
    cr_assert_eq(autobus_bus_new(options, &hub), AUTOBUS_OK, "%s", autobus_last_error());
    client = town_hermit();
    is_let = false;
    worked = 0;
    publish(0);
    publish(1);
    autobus_service_add_function(services[0], "work", NULL, AUTOBUS_POOL, work, NULL, NULL);
    connect_to(0);
    connect_to(1);
}

static void send_work(int times, size_t size)
{
    char *arguments = calloc(1, size + 5);
    snprintf(arguments, size + 5, "[\"%0*d\"]", (int)size, 0);
    for (int i = 0; i < times; i++)
        cr_assert_eq(autobus_send_text(remotes[0], "work", arguments, AUTOBUS_UNBOUND_FAIL, NULL),
                     AUTOBUS_OK, "%s", autobus_last_error());
    free(arguments);
}

Test(hub, is_heard_of_others_while_one_of_its_services_is_slow)
{
    open_hub_of_one_who_is_slow();
    send_work(100, 10);
    for (int i = 0; i < 10; i++)
        expect_whoami(1);
    cr_expect_eq(worked, 0);
    is_let = true;
    EVENTUALLY(worked == 100);
    expect_whoami(0);
    expect_connections(1, 2);
}

Test(hub, hears_all_that_was_sent_to_who_is_slow_however_long_it_is)
{
    open_hub_of_one_who_is_slow();
    send_work(20, 10);
    send_work(5, 200000);
    send_work(20, 10);
    is_let = true;
    EVENTUALLY(worked == 45);
    expect_whoami(0);
    expect_whoami(1);
}

Test(hub, hears_all_that_was_sent_by_who_has_left)
{
    open_hub_of_one_who_is_slow();
    send_work(50, 10);
    autobus_remote_free(&remotes[0]);
    expect_whoami(1);
    autobus_remote_free(&remotes[1]);
    is_let = true;
    EVENTUALLY(worked == 50);
}

/* Threads, each with a service of its own on the connection that they share. */

static void *keep_asking(void *which)
{
    for (int i = 0; i < 500; i++)
        expect_whoami((int)(intptr_t)which);
    return NULL;
}

Test(hub, is_called_by_many_threads_on_one_connection)
{
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        connect_to(i);
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, keep_asking, (void *)(intptr_t)i);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    expect_connections(1, 8);
}
