/* SPDX-License-Identifier: MIT
 * What was said before a bus is freed: it leaves, whichever way and from wherever the bus is freed; and who does not
 * read cannot hold it for long. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <autobus/autobus.h>

#include "support/eventually.h"
#include "support/hand.h"
#include "support/scratch.h"
#include "support/small_town.h"
#include "support/transport.h"

enum {
    PIECE = 1 << 20,
    PIECES = 8
};

/* One says, the other hears. */
typedef struct couple {
    autobus_bus *server, *client;
    autobus_service *ear;
    autobus_remote *remote;
    atomic_size_t heard; /* bytes of whole pieces */
} couple;

static char piece[PIECE + 5]; /* a list of one string */
static uint16_t port;
static const char *folder;

static void begin(void)
{
    memset(piece, 'x', sizeof piece);
    memcpy(piece, "[\"", 2);
    memcpy(piece + PIECE + 2, "\"]", 3);
    port = town_port();
    folder = scratch_enter();
}

static void end(void)
{
    scratch_leave();
}

TestSuite(farewell, .init = begin, .fini = end, .timeout = 60);

/* NULL: as AUTOBUS_TEST_TRANSPORT says. */
static autobus_bus *bus_with(const char *runtime_dir)
{
    autobus_bus *bus = NULL;
    autobus_options *options = town_options(port);
    if (runtime_dir != NULL)
        autobus_options_set_text(options, AUTOBUS_RUNTIME_DIR, runtime_dir);
    autobus_options_set_number(options, AUTOBUS_MAX_QUEUED, 2 * PIECES * PIECE);
    cr_assert_eq(autobus_bus_new(options, &bus), AUTOBUS_OK, "%s", autobus_last_error());
    return bus;
}

/* The first takes its time. */
static void count_until_it_is_late(couple *here, size_t length)
{
    if (atomic_fetch_add(&here->heard, length) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
}

static void hear_call(void *userdata, autobus_request *request)
{
    count_until_it_is_late(userdata, strlen(autobus_request_text(request)));
}

static void answer(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_answer_text(request, "true");
}

static void hear_event(void *userdata, const autobus_message *message)
{
    size_t length = 0;
    (void)autobus_message_text(message, &length);
    count_until_it_is_late(userdata, length);
}

static void meet(couple *here, const char *runtime_dir)
{
    *here = (couple){.server = bus_with(runtime_dir), .client = bus_with(runtime_dir)};
    here->ear = autobus_service_parse(here->server, "{'type': 'ear'}");
    autobus_service_add_function(here->ear, "hear", NULL, AUTOBUS_INLINE, hear_call, here, NULL);
    autobus_service_add_function(here->ear, "ready", NULL, AUTOBUS_INLINE, answer, NULL, NULL);
    autobus_service_add_event(here->ear, "said", NULL);
    cr_assert_eq(autobus_service_publish(here->ear), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(
        autobus_proxy_new(here->client, autobus_filter_parse("{'type': 'ear'}"), &here->remote),
        AUTOBUS_OK, "%s", autobus_last_error());
    EVENTUALLY(autobus_remote_bound(here->remote) == 1);
    bool is_unix =
        runtime_dir != NULL ? strcmp(runtime_dir, "none") != 0 : transport_of_buses_is_unix();
    cr_expect_eq(autobus_bus_stat(here->client, AUTOBUS_STAT_BOUND_UNIX), is_unix);
}

static void part(couple *here)
{
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->client);
    autobus_service_free(&here->ear);
    autobus_bus_free(&here->server);
}

static void call_all(couple *here)
{
    for (int i = 0; i < PIECES; i++)
        cr_expect_eq(autobus_send_text(here->remote, "hear", piece, AUTOBUS_UNBOUND_FAIL, NULL),
                     AUTOBUS_OK, "%s", autobus_last_error());
}

static void fire_all(couple *here)
{
    for (int i = 0; i < PIECES; i++)
        cr_expect_eq(autobus_service_fire_text(here->ear, "said", piece), AUTOBUS_OK, "%s",
                     autobus_last_error());
}

static void expect_all(couple *here)
{
    EVENTUALLY(atomic_load(&here->heard) == PIECES * strlen(piece));
}

static void expect_calls_over(const char *runtime_dir)
{
    couple here;
    meet(&here, runtime_dir);
    call_all(&here);
    autobus_bus_free(&here.client);
    expect_all(&here);
    part(&here);
}

Test(farewell, of_calls_is_heard_over_tcp)
{
    expect_calls_over("none");
}

Test(farewell, of_calls_is_heard_over_unix_sockets)
{
    expect_calls_over(folder);
}

static void expect_events_over(const char *runtime_dir)
{
    couple here;
    meet(&here, runtime_dir);
    cr_assert_eq(autobus_listen(here.remote, "said", hear_event, &here, NULL, NULL), AUTOBUS_OK);
    cr_assert_eq(autobus_call_text(here.remote, "ready", "[]", 5000, NULL), AUTOBUS_OK);
    fire_all(&here);
    autobus_service_free(&here.ear);
    autobus_bus_free(&here.server);
    expect_all(&here);
    part(&here);
}

Test(farewell, of_events_is_heard_over_tcp)
{
    expect_events_over("none");
}

Test(farewell, of_events_is_heard_over_unix_sockets)
{
    expect_events_over(folder);
}

static void call_all_and_free(void *userdata, const autobus_message *message)
{
    couple *here = userdata;
    (void)message;
    call_all(here);
    autobus_remote_free(&here->remote);
    autobus_bus_free(&here->client);
}

Test(farewell, of_a_bus_that_is_freed_in_its_callback_is_heard_too)
{
    couple here;
    meet(&here, folder);
    cr_assert_eq(autobus_call_text_async(here.remote, "ready", "[]", 5000, AUTOBUS_UNBOUND_FAIL,
                                         call_all_and_free, &here, NULL, NULL),
                 AUTOBUS_OK);
    expect_all(&here);
    part(&here);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The patience is two seconds. */
static void expect_short(double began)
{
    cr_expect_leq(seconds() - began, 3.5);
}

Test(farewell, waits_not_long_for_a_client_that_does_not_read)
{
    couple here;
    meet(&here, NULL);
    hand *deaf = hand_connect(autobus_bus_port(here.server), autobus_bus_id(here.server));
    char bind[200];
    snprintf(bind, sizeof bind,
             "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"%s\"}\r\n"
             "{\"_type\":1,\"_id\":2,\"_command\":\"listen\",\"name\":\"said\"}\r\n",
             autobus_service_id(here.ear));
    hand_send(deaf, bind);
    cr_assert_not_null(hand_line(deaf));
    cr_assert_not_null(hand_line(deaf));
    fire_all(&here);
    double began = seconds();
    autobus_bus_free(&here.server);
    expect_short(began);
    hand_free(deaf);
    part(&here);
}

static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;

static void stand_at_the_door(void *userdata, autobus_request *request)
{
    couple *here = userdata;
    (void)request;
    atomic_fetch_add(&here->heard, 1);
    pthread_mutex_lock(&door);
    pthread_mutex_unlock(&door);
}

Test(farewell, waits_not_long_for_a_service_that_does_not_read)
{
    couple here;
    meet(&here, folder);
    autobus_service_add_function(here.ear, "wait", NULL, AUTOBUS_INLINE, stand_at_the_door, &here,
                                 NULL);
    pthread_mutex_lock(&door);
    cr_expect_eq(autobus_send_text(here.remote, "wait", "[]", AUTOBUS_UNBOUND_FAIL, NULL),
                 AUTOBUS_OK);
    EVENTUALLY(atomic_load(&here.heard) == 1);
    call_all(&here);
    double began = seconds();
    autobus_bus_free(&here.client);
    expect_short(began);
    pthread_mutex_unlock(&door);
    part(&here);
}
