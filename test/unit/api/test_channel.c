/* SPDX-License-Identifier: MIT
 * Channels as a program uses them: two buses of one process; and what is no channel. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdatomic.h>
#include <string.h>

#include <autobus/autobus.h>

#include "support/eventually.h"
#include "support/small_town.h"

static autobus_bus *here, *there;
static autobus_service *service;
static autobus_remote *remote;
static autobus_channel *channel, *other;
static atomic_uint hooks, closed, writable, values;
static atomic_size_t come;
static char heard[200];

static void set_up(void)
{
    hooks = closed = writable = values = 0;
    come = 0;
    heard[0] = '\0';
    uint16_t port = town_port();
    here = town_bus(port);
    there = town_bus(port);
}

static void tear_down(void)
{
    autobus_channel_free(&channel);
    autobus_remote_free(&remote);
    autobus_service_free(&service);
    autobus_bus_free(&here);
    autobus_bus_free(&there);
}

TestSuite(channel_api, .init = set_up, .fini = tear_down);

static void hook(void *userdata)
{
    (void)userdata;
    atomic_fetch_add(&hooks, 1);
}

/* The far end: counts bytes, sends values back, ends when it is ended, and frees itself with the last message. */
static void serve(void *userdata, const autobus_message *message)
{
    size_t length;
    autobus_result result = AUTOBUS_OK;
    (void)userdata;
    (void)autobus_message_bytes(message, &length);
    atomic_fetch_add(&come, length);
    cr_assert_str_eq(autobus_message_service(message), "s-1");
    if (autobus_message_kind(message) == AUTOBUS_DATA)
        result = autobus_channel_send(other, autobus_message_take(message));
    else if (autobus_message_kind(message) == AUTOBUS_ENDED)
        result = autobus_channel_end(other);
    else if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        autobus_channel_free(&other);
    /* What was said last is heard, and who said it may be gone. */
    cr_assert(result == AUTOBUS_OK || result == AUTOBUS_CLOSED, "%s", autobus_last_error());
}

static void accept(void *userdata, autobus_channel *offered)
{
    (void)userdata;
    other = offered;
    cr_assert_str_eq(autobus_channel_argument(offered), "[7]");
    cr_assert_eq(autobus_channel_accept(offered, serve, NULL, hook), AUTOBUS_OK);
}

static void hear(void *userdata, const autobus_message *message)
{
    (void)userdata;
    cr_assert_str_eq(autobus_message_service(message), "s-1");
    cr_assert_str_eq(autobus_message_name(message), "talk");
    if (autobus_message_kind(message) == AUTOBUS_DATA) {
        strncat(heard, autobus_message_text(message, NULL), sizeof heard - strlen(heard) - 1);
        atomic_fetch_add(&values, 1);
    }
    if (autobus_message_kind(message) == AUTOBUS_WRITABLE)
        atomic_fetch_add(&writable, 1);
    if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        atomic_fetch_add(&closed, 1);
}

static void connect_them(bool is_stream)
{
    service = autobus_service_new(there, json_tokener_parse("{\"type\":\"test\"}"));
    cr_assert_eq(autobus_service_set_id(service, "s-1"), AUTOBUS_OK);
    cr_assert_eq(autobus_service_add_channel(service, "talk", NULL, is_stream, accept, NULL, hook),
                 AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_service_publish(service), AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_proxy_new(here, autobus_filter_parse("{'type': 'test'}"), &remote),
                 AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_eq(autobus_remote_wait(remote, 5000), AUTOBUS_OK, "%s", autobus_last_error());
    town_expect_way(here);
    cr_assert_eq(autobus_channel_open(remote, "talk", is_stream, json_tokener_parse("[7]"), hear,
                                      NULL, hook, &channel),
                 AUTOBUS_OK, "%s", autobus_last_error());
    cr_assert_str_eq(autobus_channel_name(channel), "talk");
}

static void send_patiently(const char *value)
{
    autobus_result result;
    EVENTUALLY((result = autobus_channel_send_text(channel, value)) != AUTOBUS_BUSY);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

Test(channel_api, talks_and_ends)
{
    connect_them(false);
    send_patiently("{'big': 12345678901234567890}");
    send_patiently("null");
    cr_assert_eq(autobus_channel_send(channel, NULL), AUTOBUS_OK, "NULL is null");
    EVENTUALLY(atomic_load(&values) == 3);
    cr_expect_str_eq(heard, "{\"big\":12345678901234567890}nullnull");
    cr_expect_eq(autobus_channel_send_text(channel, "{"), AUTOBUS_INVALID);
    cr_assert_eq(autobus_channel_close(channel, "enough"), AUTOBUS_OK);
    EVENTUALLY(atomic_load(&closed) == 1 && atomic_load(&hooks) == 2);
    cr_expect_eq(autobus_channel_send_text(channel, "1"), AUTOBUS_CLOSED);
}

Test(channel_api, streams_five_megabytes)
{
    static char bytes[100000];
    size_t gone = 0, most = 5000000, sent;
    connect_them(true);
    while (gone < most) {
        unsigned before = atomic_load(&writable);
        size_t length = most - gone < sizeof bytes ? most - gone : sizeof bytes;
        autobus_result result = autobus_channel_write(channel, bytes, length, &sent);
        cr_assert(result == AUTOBUS_OK || result == AUTOBUS_BUSY, "%s", autobus_last_error());
        gone += sent;
        if (sent < length)
            EVENTUALLY(atomic_load(&writable) > before);
    }
    cr_assert_eq(autobus_channel_end(channel), AUTOBUS_OK);
    EVENTUALLY(atomic_load(&closed) == 1);
    cr_expect_eq(atomic_load(&come), most);
}

Test(channel_api, outlives_its_bus)
{
    connect_them(false);
    send_patiently("1");
    autobus_remote_free(&remote);
    autobus_bus_free(&here);
    cr_expect_eq(atomic_load(&closed), 1, "whoever held it was told before the bus was gone");
    cr_expect_eq(autobus_channel_send_text(channel, "2"), AUTOBUS_CLOSED);
    cr_expect_str_eq(autobus_channel_name(channel), "talk");
    autobus_channel_free(&channel);
    cr_expect_null(channel);
}

Test(channel_api, says_what_is_missing)
{
    unsigned before = atomic_load(&hooks);
    autobus_channel *none = NULL;
    cr_expect_eq(autobus_channel_accept(NULL, hear, NULL, hook), AUTOBUS_INVALID);
    cr_expect_eq(atomic_load(&hooks), before + 1);
    cr_expect_eq(autobus_channel_send(NULL, json_tokener_parse("[1]")), AUTOBUS_INVALID);
    cr_expect_eq(autobus_channel_send_text(NULL, "1"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_channel_write(NULL, "1", 1, NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_channel_end(NULL), AUTOBUS_INVALID);
    cr_expect_eq(autobus_channel_pause(NULL, true), AUTOBUS_INVALID);
    cr_expect_eq(autobus_channel_close(NULL, "x"), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "autobus_channel_close()"));
    cr_expect_str_eq(autobus_channel_name(NULL), "");
    cr_expect_str_eq(autobus_channel_argument(NULL), "null");
    autobus_channel_free(&none);
    autobus_channel_free(NULL);
}
