/* SPDX-License-Identifier: MIT
 * The raw face from end to end: two buses in one process, each act of the C face by JSON text and handles. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <autobus/autobus.h>
#include <autobus/raw.h>

#include "unit/api/raw_ear_book.h"

/* A lamp at one bus and who uses it from another, with a book for each. */
typedef struct street {
    autobus_handle home, away, lamp, remote;
    raw_book served, heard;
} street;

static void build_street(street *at)
{
    raw_book_init(&at->served);
    raw_book_init(&at->heard);
    at->home = raw_hermit("");
    at->away = raw_hermit("");
    at->lamp = raw_lamp(at->home);
    at->remote = raw_connected(at->away, at->home);
}

static void leave_street(street *at)
{
    autobus_raw_free(at->remote);
    autobus_raw_free(at->lamp);
    autobus_raw_free(at->away);
    autobus_raw_free(at->home);
    raw_book_fini(&at->served);
    raw_book_fini(&at->heard);
    cr_expect_eq(autobus_raw_handles(), 0);
}

static void answer_with_arguments(void *userdata, const autobus_raw_news *news)
{
    raw_book_hear(userdata, news);
    autobus_raw_request_answer(news->handle, news->bytes);
    autobus_raw_free(news->handle);
}

static void offer(street *at, const char *name, autobus_raw_fn *handler)
{
    autobus_result result = autobus_raw_service_add_function(at->lamp, name, NULL, AUTOBUS_INLINE,
                                                             handler, &at->served, raw_book_freed);
    cr_assert_eq(result, AUTOBUS_OK, "%s", autobus_last_error());
}

Test(raw_bus, takes_options_by_their_names)
{
    autobus_handle bus;
    cr_expect_eq(autobus_raw_bus_new("{'sources': 'none', 'lamp': 1}", &bus), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "no option 'lamp'"));
    cr_expect_eq(bus, 0);
    cr_expect_eq(autobus_raw_bus_new("{'tcp_port': 'any'}", &bus), AUTOBUS_INVALID);
    cr_expect_not_null(strstr(autobus_last_error(), "a whole number, not"));
    cr_expect_eq(autobus_raw_bus_new("{'tcp_port': 65536}", &bus), AUTOBUS_INVALID);
    cr_expect_eq(autobus_raw_bus_new("[1]", &bus), AUTOBUS_INVALID);
    cr_expect_eq(autobus_raw_bus_new("{'sources'", &bus), AUTOBUS_INVALID);
    cr_expect_eq(autobus_raw_bus_new("{'sources': 'none', 'dispatch': true}", &bus), AUTOBUS_OK);
    cr_expect_geq(autobus_raw_bus_fd(bus), 0);
    autobus_raw_free(bus);
}

Test(raw_bus, tells_its_id_and_what_it_counted)
{
    autobus_handle bus = raw_hermit("");
    char *id = autobus_raw_bus_id(bus), *stats = autobus_raw_bus_stats(bus);

    cr_expect_eq(strlen(id), 16);
    cr_expect_not_null(strstr(stats, "\"services\":0"));
    cr_expect_not_null(strstr(stats, "\"wakes\":"));
    autobus_raw_text_free(id);
    autobus_raw_text_free(stats);
    autobus_raw_free(bus);
}

Test(raw_listener, hears_of_services_and_the_list_has_them)
{
    raw_book book;
    raw_book_init(&book);
    autobus_handle bus = raw_hermit(""), listener, lamp = raw_lamp(bus);
    char *list = NULL;

    autobus_raw_listener_new(bus, "{'type': 'lamp'}", 1, raw_book_hear, &book, raw_book_freed,
                             &listener);
    cr_expect(raw_book_tells(&book, "102:127.0.0.1:{"));
    cr_expect_eq(autobus_raw_enumerate(bus, NULL, &list), AUTOBUS_OK);
    cr_expect_eq(strncmp(list, "[{\"service\":\"lamp\",\"host\":", 26), 0, "%s", list);
    autobus_raw_text_free(list);
    cr_expect_eq(autobus_raw_enumerate(bus, "{'type': 'bed'}", &list), AUTOBUS_OK);
    cr_expect_str_eq(list, "[]");
    autobus_raw_text_free(list);
    autobus_raw_free(lamp);
    cr_expect(raw_book_tells(&book, "103:"));
    autobus_raw_free(listener);
    cr_expect(raw_book_is_freed(&book, 1));
    autobus_raw_free(bus);
    raw_book_fini(&book);
}

Test(raw_registration, takes_its_userdata_also_on_failure)
{
    raw_book book;
    raw_book_init(&book);
    autobus_handle none;

    autobus_raw_listener_new(0, NULL, 1, raw_book_hear, &book, raw_book_freed, &none);
    autobus_raw_service_add_function(0, "f", NULL, 0, raw_book_hear, &book, raw_book_freed);
    autobus_raw_service_add_channel(0, "c", NULL, 0, raw_book_hear, &book, raw_book_freed);
    autobus_raw_remote_on_state(0, 1, raw_book_hear, &book, raw_book_freed, &none);
    autobus_raw_listen(0, "e", raw_book_hear, &book, raw_book_freed, &none);
    autobus_raw_watch(0, "o", raw_book_hear, &book, raw_book_freed, NULL);
    autobus_raw_call_async(0, "f", NULL, 1, 0, raw_book_hear, &book, raw_book_freed, NULL);
    autobus_raw_channel_open(0, "c", 0, NULL, raw_book_hear, &book, raw_book_freed, &none);
    cr_expect_eq(autobus_raw_channel_accept(0, raw_book_hear, &book, raw_book_freed),
                 AUTOBUS_INVALID);
    cr_expect(raw_book_is_freed(&book, 9));
    cr_expect_str_eq(book.text, "");
    raw_book_fini(&book);
}

Test(raw_call, is_answered_with_text)
{
    street at;
    char *value = NULL;
    build_street(&at);
    offer(&at, "echo", answer_with_arguments);

    cr_expect_eq(autobus_raw_call(at.remote, "echo", "[1,\"two\"]", 5000, &value), AUTOBUS_OK, "%s",
                 autobus_last_error());
    cr_expect_str_eq(value, "[1,\"two\"]");
    autobus_raw_text_free(value);
    cr_expect_str_eq(at.served.caller, "127.0.0.1");
    cr_expect_eq(autobus_raw_call(at.remote, "sing", NULL, 5000, &value), AUTOBUS_NOT_FOUND);
    cr_expect_null(value);
    leave_street(&at);
    cr_expect_eq(at.served.freed, 1);
}

Test(raw_call, may_be_answered_later_and_from_elsewhere)
{
    street at;
    build_street(&at);
    offer(&at, "slow", raw_book_hear);

    autobus_raw_call_async(at.remote, "slow", "[7]", 5000, 0, raw_book_hear, &at.heard,
                           raw_book_freed, NULL);
    cr_expect(raw_book_tells(&at.served, "100:slow:[7]"));
    cr_expect_eq(autobus_raw_request_answer(at.served.handle, "\"done\""), AUTOBUS_OK);
    cr_expect_eq(autobus_raw_request_answer(at.served.handle, "2"), AUTOBUS_INVALID);
    autobus_raw_free(at.served.handle);
    cr_expect(raw_book_tells(&at.heard, "1:slow:\"done\" "));
    cr_expect(raw_book_is_freed(&at.heard, 1));

    autobus_raw_call_async(at.remote, "slow", "[8]", 5000, 0, raw_book_hear, &at.heard,
                           raw_book_freed, NULL);
    cr_expect(raw_book_tells(&at.served, "100:slow:[8]"));
    autobus_raw_request_fail(at.served.handle, "no bulb");
    autobus_raw_free(at.served.handle);
    cr_expect(raw_book_tells(&at.heard, "!no bulb"));
    leave_street(&at);
}

Test(raw_call, can_be_cancelled)
{
    street at;
    uint64_t call = 0;
    build_street(&at);
    offer(&at, "slow", raw_book_hear);

    autobus_raw_call_async(at.remote, "slow", NULL, 60000, 0, raw_book_hear, &at.heard,
                           raw_book_freed, &call);
    cr_expect(raw_book_tells(&at.served, "100:slow:[]"));
    cr_expect_eq(autobus_raw_call_cancel(at.remote, call), AUTOBUS_OK);
    cr_expect(raw_book_tells(&at.heard, "1:slow:null!"));
    cr_expect(raw_book_is_freed(&at.heard, 1));
    autobus_raw_free(at.served.handle);
    leave_street(&at);
}

Test(raw_call, of_no_answer_reaches_the_function)
{
    street at;
    uint64_t count = 0;
    build_street(&at);
    offer(&at, "echo", answer_with_arguments);

    cr_expect_eq(autobus_raw_send(at.remote, "echo", "[3]", 0, &count), AUTOBUS_OK);
    cr_expect_eq(count, 1);
    cr_expect(raw_book_tells(&at.served, "100:echo:[3]"));
    leave_street(&at);
}

Test(raw_watch, hears_values_and_events)
{
    street at;
    autobus_handle watch = 0, ear = 0;
    char *value = NULL;
    build_street(&at);
    offer(&at, "echo", answer_with_arguments);
    autobus_raw_service_add_object(at.lamp, "level", "{'type': 'integer'}", "1");
    autobus_raw_service_add_event(at.lamp, "pressed", NULL);

    cr_expect_eq(
        autobus_raw_watch(at.remote, "level", raw_book_hear, &at.heard, raw_book_freed, &watch),
        AUTOBUS_OK);
    autobus_raw_listen(at.remote, "pressed", raw_book_hear, &at.heard, raw_book_freed, &ear);
    cr_expect(raw_book_tells(&at.heard, "3:level:1 "));
    cr_expect_eq(autobus_raw_service_set(at.lamp, "level", "2"), AUTOBUS_OK);
    cr_expect(raw_book_tells(&at.heard, "3:level:2 "));
    /* What was said before a call is known to the service when it answers. */
    cr_expect_eq(autobus_raw_call(at.remote, "echo", NULL, 5000, &value), AUTOBUS_OK);
    autobus_raw_text_free(value);
    autobus_raw_service_fire(at.lamp, "pressed", "[\"door\"]");
    cr_expect(raw_book_tells(&at.heard, "2:pressed:[\"door\"] "));
    cr_expect_eq(autobus_raw_service_set(at.lamp, "level", "two"), AUTOBUS_INVALID);
    cr_expect_eq(autobus_raw_service_remove(at.lamp, "object", "level"), AUTOBUS_OK);
    cr_expect(raw_book_tells(&at.heard, "4:level:null "));
    cr_expect_eq(autobus_raw_service_remove(at.lamp, "lamp", "level"), AUTOBUS_INVALID);
    autobus_raw_free(watch);
    autobus_raw_free(ear);
    cr_expect(raw_book_is_freed(&at.heard, 2));
    leave_street(&at);
}

Test(raw_remote, tells_its_states_and_that_the_service_is_lost)
{
    street at;
    autobus_handle states = 0;
    build_street(&at);

    autobus_raw_remote_on_state(at.remote, 1, raw_book_hear, &at.heard, raw_book_freed, &states);
    cr_expect(raw_book_tells(&at.heard, "5::null "));
    cr_expect_eq(autobus_raw_remote_bound(at.remote), 1);
    autobus_raw_service_withdraw(at.lamp);
    cr_expect(raw_book_tells(&at.heard, "6::null!"));
    cr_expect_eq(autobus_raw_remote_bound(at.remote), 0);
    autobus_raw_free(states);
    leave_street(&at);
}

static void accept_and_greet(void *userdata, const autobus_raw_news *news)
{
    raw_book *book = userdata;
    raw_book_hear(book, news);
    if (strcmp(news->bytes, "\"friend\"") != 0)
        return;
    autobus_raw_channel_accept(news->handle, raw_book_hear, book, raw_book_freed);
    autobus_raw_channel_send(news->handle, "\"hello\"");
}

Test(raw_channel, carries_values_and_bytes_both_ways)
{
    street at;
    autobus_handle channel = 0;
    build_street(&at);
    autobus_raw_service_add_channel(at.lamp, "chat", NULL, 0, accept_and_greet, &at.served,
                                    raw_book_freed);

    cr_expect_eq(autobus_raw_channel_open(at.remote, "chat", 0, "\"friend\"", raw_book_hear,
                                          &at.heard, raw_book_freed, &channel),
                 AUTOBUS_OK);
    cr_expect(raw_book_tells(&at.heard, "10:chat:\"hello\" "));
    cr_expect_eq(autobus_raw_channel_send(channel, "[1]"), AUTOBUS_OK);
    cr_expect_eq(autobus_raw_channel_write(channel, "a\0b", 3, NULL), AUTOBUS_OK);
    cr_expect(raw_book_tells(&at.served, "10:chat:[1] "));
    cr_expect(raw_book_tells(&at.served, "11:chat:a"));
    char *argument = autobus_raw_channel_argument(at.served.handle);
    cr_expect_str_eq(argument, "\"friend\"");
    autobus_raw_text_free(argument);
    autobus_raw_channel_close(channel, "enough");
    cr_expect(raw_book_tells(&at.served, "14:chat:null"));
    cr_expect(raw_book_tells(&at.heard, "14:chat:null"));
    autobus_raw_free(channel);
    autobus_raw_free(at.served.handle);
    leave_street(&at);
}

Test(raw_channel, that_is_not_accepted_is_refused_and_its_handle_stale)
{
    street at;
    autobus_handle channel = 0;
    build_street(&at);
    autobus_raw_service_add_channel(at.lamp, "chat", NULL, 0, accept_and_greet, &at.served,
                                    raw_book_freed);

    autobus_raw_channel_open(at.remote, "chat", 0, "\"foe\"", raw_book_hear, &at.heard,
                             raw_book_freed, &channel);
    cr_expect(raw_book_tells(&at.heard, "14:chat:null!"));
    cr_expect_eq(autobus_raw_channel_send(at.served.handle, "1"), AUTOBUS_INVALID);
    autobus_raw_free(channel);
    leave_street(&at);
}

Test(raw_dispatch, runs_callbacks_in_the_thread_that_asks)
{
    street at;
    raw_book book;
    raw_book_init(&book);
    build_street(&at);
    autobus_handle bus = raw_hermit(", 'dispatch': true");
    autobus_handle remote = raw_connected(bus, at.home);
    offer(&at, "echo", answer_with_arguments);

    autobus_raw_call_async(remote, "echo", "[4]", 5000, 0, raw_book_hear, &book, raw_book_freed,
                           NULL);
    struct pollfd waiting = {.fd = autobus_raw_bus_fd(bus), .events = POLLIN};
    cr_assert_eq(poll(&waiting, 1, 5000), 1);
    cr_expect_str_eq(book.text, "", "nothing runs by itself");
    cr_expect_gt(autobus_raw_bus_dispatch(bus), 0);
    cr_expect(raw_book_tells(&book, "1:echo:[4] "));
    autobus_raw_free(bus);
    autobus_raw_free(remote);
    raw_book_fini(&book);
    leave_street(&at);
}
