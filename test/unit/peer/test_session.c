/* SPDX-License-Identifier: MIT
 * What a connection may say before and after it is bound, and what it hears. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "peer/caller.h"
#include "unit/peer/door.h"

#define BIND            "{\"_type\":1,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
#define BOUND           "{\"_type\":2,\"_id\":1,\"service\":\"other\"}"
#define NO_SUCH_COMMAND "\"_error\":{\"text\":\"That command does not exist.\"}}"

static door *at;

static void open_door(void)
{
    at = door_open();
}

static void close_door(void)
{
    door_close(at);
}

TestSuite(session, .init = open_door, .fini = close_door);

/* Says one thing to a fresh bound connection and, behind it, a ping: what comes before the pong is the answer. */
static void assert_answer(const char *question, const char *answer)
{
    int client = client_connect(at);
    client_send(client, BIND);
    client_expect(client, BOUND);
    client_send(client, question);
    client_send(client, "\n{\"_id\":\"end\",\"_command\":\"ping\"}\n");
    if (answer[0] != '\0')
        client_expect(client, answer);
    client_expect(client, "{\"_type\":2,\"_id\":\"end\"}");
    client_close(client);
}

Test(session, tells_its_bus_to_those_who_say_they_are_one_of_us)
{
    int client = client_connect(at);
    client_send(
        client,
        "{\"_type\":1,\"_id\":\"x\",\"_command\":\"bind\",\"service\":\"other\",\"autobus\":1}\r\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":\"x\",\"service\":\"other\",\"bus\":\"00000000000000b5\"}");
    cr_assert_eq(at->legacy, 0);
    client_close(client);

    client = client_connect(at);
    client_send(client, BIND);
    client_expect(client, BOUND);
    cr_assert_eq(at->legacy, 1);
    client_close(client);
}

Test(session, tells_the_new_id_after_a_change)
{
    door_rename(at, 0xc6);
    int client = client_connect(at);
    client_send(
        client,
        "{\"_type\":1,\"_id\":\"x\",\"_command\":\"bind\",\"service\":null,\"autobus\":1}\r\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":\"x\",\"service\":null,\"bus\":\"00000000000000c6\"}");
    client_close(client);
}

Test(session, binds_introspection_by_null_and_by_name)
{
    int client = client_connect(at);
    client_send(client, "{\"_type\":1,\"_id\":0,\"_command\":\"bind\",\"service\":null}\n");
    client_expect(client, "{\"_type\":2,\"_id\":0,\"service\":null}");
    client_close(client);
    client = client_connect(at);
    client_send(client, "{\"_type\":1,\"_id\":0,\"_command\":\"bind\",\"service\":\"autobus\"}\n");
    client_expect(client, "{\"_type\":2,\"_id\":0,\"service\":\"autobus\"}");
    client_close(client);
}

Test(session, repeats_ids_as_they_were_written)
{
    assert_answer("{\"_id\": {\"a\" : [1.50, NaN]} ,\"_command\":\"ping\"}",
                  "{\"_type\":2,\"_id\":{\"a\" : [1.50, NaN]}}");
    assert_answer("{\"_id\":null,\"_command\":\"ping\"}", "{\"_type\":2,\"_id\":null}");
    assert_answer("{\"_id\":123456789012345678901234567890,\"_command\":\"ping\"}",
                  "{\"_type\":2,\"_id\":123456789012345678901234567890}");
    assert_answer("{\"_id\":\"\\u00e9\",\"_command\":\"ping\"}",
                  "{\"_type\":2,\"_id\":\"\\u00e9\"}");
}

Test(session, answers_an_unknown_command_exactly_once)
{
    assert_answer("{\"_id\":5,\"_command\":\"frobnicate\"}",
                  "{\"_type\":2,\"_id\":5," NO_SUCH_COMMAND);
    assert_answer("{\"_id\":5,\"_command\":\"bind\",\"service\":\"other\"}",
                  "{\"_type\":2,\"_id\":5," NO_SUCH_COMMAND);
    assert_answer("{\"_id\":5,\"_command\":\"services\"}",
                  "{\"_type\":2,\"_id\":5," NO_SUCH_COMMAND);
    assert_answer("{\"_id\":5,\"_command\":\"frobnicate\",\"_type\":2}",
                  "{\"_type\":2,\"_id\":5," NO_SUCH_COMMAND);
    assert_answer("{\"_id\":5,\"_command\":\"frobnicate\",\"_type\":\"3\"}",
                  "{\"_type\":2,\"_id\":5," NO_SUCH_COMMAND);
}

Test(session, answers_no_notification_and_nothing_without_an_id)
{
    assert_answer("{\"_type\":3,\"_id\":5,\"_command\":\"frobnicate\"}", "");
    assert_answer("{\"_type\":3,\"_id\":5,\"_command\":\"ping\"}", "");
    assert_answer("{\"_type\":3,\"_id\":5,\"_command\":\"echo\",\"value\":1}", "");
    assert_answer("{\"_type\":1,\"_command\":\"frobnicate\"}", "");
    assert_answer("{\"_type\":1,\"_command\":\"ping\"}", "");
    assert_answer("{\"_type\":1,\"_command\":\"echo\"}", "");
    assert_answer("{}", "");
    assert_answer("\r\n  \t\r\n", "");
}

Test(session, answers_an_object_with_an_id_and_no_usable_command_with_one_error)
{
    static const char *const questions[] = {"{\"_id\":5}", "{\"_id\":5,\"_command\":null}",
                                            "{\"_id\":5,\"_command\":[\"ping\"]}"};
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        assert_answer(questions[i],
                      "{\"_type\":2,\"_id\":5,\"_error\":{\"text\":"
                      "\"A message needs \\\"_command\\\": the name of a command.\"}}");
}

Test(session, passes_on_what_it_does_not_know_itself)
{
    assert_answer("{\"_id\":5,\"_command\":\"echo\",\"value\":[1,  2]}",
                  "{\"_type\":2,\"_id\":5,\"value\":[1,  2]}");
    assert_answer(
        "{\"_id\":5,\"_command\":\"echo\"}",
        "{\"_type\":2,\"_id\":5,\"_error\":{\"text\":\"no value\",\"code\":\"invalid\"}}");
}

Test(session, ends_at_anything_that_is_no_object_after_answering_what_was_before)
{
    static const char *const wrong[] = {"null", "[]",  "5", "\"foo\"", "{oops", "{\"a\":\"\xff\"}",
                                        "{} x", "true"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, BIND "%s\n{\"_id\":2,\"_command\":\"ping\"}\n", wrong[i]);
        int client = client_connect(at);
        client_send(client, text);
        client_expect(client, BOUND);
        client_expect_end(client);
        client_close(client);
    }
    door_wait_stat(at, AUTOBUS_STAT_REFUSED, sizeof wrong / sizeof wrong[0]);
    door_wait_count(at, &at->unbound, sizeof wrong / sizeof wrong[0]);
}

Test(session, closes_other_protocols_without_an_answer)
{
    static const char *const noise[] = {"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
                                        "POST / HTTP/1.1\r\n\r\n{\"_command\":\"bind\"}\n",
                                        "\x16\x03\x01\x02",
                                        "SSH-2.0-x\r\n",
                                        "[1]",
                                        "null\n",
                                        "\xef\xbb\xbf{}\n",
                                        " \r\n\t x",
                                        "{oops}\n",
                                        "{\"_command\":\"bind\",}\n"};
    size_t count = sizeof noise / sizeof noise[0];
    for (size_t i = 0; i < count; i++) {
        int client = client_connect(at);
        client_send(client, noise[i]);
        client_expect_end(client);
        client_close(client);
    }
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), count);
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_ACCEPTED), count);
    cr_assert_eq(at->bound, 0);
}

Test(session, may_bind_after_commands_that_were_too_early)
{
    int client = client_connect(at);
    client_send(
        client,
        "{\"_id\":1,\"_command\":\"ping\"}\n{\"_id\":2}\n{\"_type\":3,\"_id\":3,\"_command\":\"ping\"}\n"
        "{\"_id\":4,\"_command\":\"bind\"}\n{\"_id\":5,\"_command\":\"bind\",\"service\":5}\n"
        "{\"_id\":6,\"_command\":\"bind\",\"service\":\"other\"}\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":1,\"_error\":{\"text\":\"Bind to a service first.\"}}");
    client_expect(client,
                  "{\"_type\":2,\"_id\":2,\"_error\":{\"text\":\"Bind to a service first.\"}}");
    client_expect(client, "{\"_type\":2,\"_id\":4,\"_error\":{\"text\":"
                          "\"bind needs \\\"service\\\": the id of a service, or null.\"}}");
    client_line(client);
    client_expect(client, "{\"_type\":2,\"_id\":6,\"service\":\"other\"}");
    client_close(client);
}

Test(session, binds_silently_by_notification)
{
    int client = client_connect(at);
    client_send(client, "{\"_type\":3,\"_id\":1,\"_command\":\"bind\",\"service\":\"other\"}\n"
                        "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_close(client);
    client = client_connect(at);
    client_send(client, "{\"_type\":3,\"_id\":1,\"_command\":\"bind\",\"service\":\"none\"}\n");
    client_expect_end(client);
    client_close(client);
}

Test(session, refuses_what_can_be_no_id)
{
    static const char *const services[] = {"", "a\\u0000b", "no-such", "OTHER", "other "};
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"_id\":1,\"_command\":\"bind\",\"service\":\"%s\"}\n",
                 services[i]);
        int client = client_connect(at);
        client_send(client, text);
        client_expect(client, "{\"_type\":2,\"_id\":1,\"_error\":{\"text\":"
                              "\"The service you attempted to bind to does not exist.\"}}");
        client_expect_end(client);
        client_close(client);
    }
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 0);
}

Test(session, hears_a_last_line_without_an_end_and_answers_into_a_half_closed_connection)
{
    int client = client_connect(at);
    client_send(client, BIND "{\"_id\":2,\"_command\":\"ping\"}");
    shutdown(client, SHUT_WR);
    client_expect(client, BOUND);
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_expect_end(client);
    client_close(client);
    door_wait_count(at, &at->unbound, 1);
}

Test(session, takes_connect_bind_close_as_routine)
{
    for (unsigned i = 1; i <= 20; i++) {
        int client = client_connect(at);
        client_send(client, BIND);
        client_expect(client, BOUND);
        client_close(client);
        door_wait_count(at, &at->unbound, i);
    }
    cr_assert_eq(door_stat(at, AUTOBUS_STAT_REFUSED), 0);
    cr_assert_eq(door_unbound_sessions(at), 0);
}

Test(session, ends_when_its_service_is_gone_and_no_other_does)
{
    int other = client_connect(at), offer = client_connect(at), again = client_connect(at);
    client_send(other, BIND);
    client_expect(other, BOUND);
    client_send(again, BIND);
    client_expect(again, BOUND);
    client_send(offer, "{\"_id\":1,\"_command\":\"bind\",\"service\":\"" DOOR_OFFER "\"}\n");
    client_line(offer);

    door_lock(at);
    door_withdraw(at, &at->other, "Gone.");
    cr_assert_eq(at->unbound, 2);
    door_unlock(at);
    client_expect_end(other);
    client_expect_end(again);
    client_send(offer, "{\"_id\":2,\"_command\":\"ping\"}\n");
    client_expect(offer, "{\"_type\":2,\"_id\":2}");
    client_close(other);
    client_close(again);
    client_close(offer);
    door_wait_count(at, &at->unbound, 3);
}

Test(session, may_be_closed_by_the_command_it_is_just_saying)
{
    int client = client_connect(at);
    client_send(client,
                BIND "{\"_id\":2,\"_command\":\"quit\"}\n{\"_id\":3,\"_command\":\"ping\"}\n");
    client_expect(client, BOUND);
    client_expect(client, "{\"_type\":2,\"_id\":2}");
    client_expect_end(client);
    client_close(client);
    door_wait_count(at, &at->unbound, 1);
}

Test(session, turns_pages_for_one_of_us_that_is_bound_to_introspection)
{
    at->listed = 3;
    at->page = 2;
    int client = client_connect(at);
    client_send(client, "{\"_id\":1,\"_command\":\"bind\",\"service\":null,\"autobus\":1}\n");
    client_line(client);
#define PAGE_BEGIN                                                                                                 \
    "\"presence\":{\"bus\":\"00000000000000b5\",\"port\":1,\"seq\":1,\"count\":3,\"digest\":\"0000000000000000\"," \
    "\"interval\":0},\"services\":"
    client_send(client, "{\"_id\":2,\"_command\":\"services\"}\n");
    client_expect(client,
                  "{\"_type\":2,\"_id\":2," PAGE_BEGIN
                  "[[\"00000\",{\"type\":\"x\"}],[\"00001\",{\"type\":\"x\"}]],\"more\":true}");
    client_send(client, "{\"_id\":3,\"_command\":\"services\",\"after\":\"0000\\u0031\"}\n");
    client_expect(client, "{\"_type\":2,\"_id\":3," PAGE_BEGIN
                          "[[\"00002\",{\"type\":\"x\"}]],\"more\":false}");
    client_send(client, "{\"_type\":3,\"_id\":4,\"_command\":\"services\",\"after\":null}\n"
                        "{\"_id\":5,\"_command\":\"services\",\"after\":7}\n");
    client_expect(client, "{\"_type\":2,\"_id\":5,\"_error\":{\"text\":"
                          "\"services needs \\\"after\\\": the id of a service, or null.\"}}");
    client_close(client);
}

/* Reaching into a running session, with the lock. */
static bool has_room_for_channels(void)
{
    door_lock(at);
    bool has_room = AB_CONTAINER(at->peers->callers.prev, ab_caller, place)->first.channels != NULL;
    door_unlock(at);
    return has_room;
}

Test(session, has_room_for_channels_from_the_first_that_is_opened)
{
    at->offers_channels = true;
    int client = client_connect(at);
    client_send(client,
                BIND "{\"_type\":3,\"_id\":2,\"_command\":\"data\",\"channel\":1,\"value\":1}\n"
                     "{\"_id\":3,\"_command\":\"ping\"}\n");
    client_expect(client, BOUND);
    client_expect(client, "{\"_type\":2,\"_id\":3}");
    cr_assert_not(has_room_for_channels());
    client_send(
        client,
        "{\"_type\":3,\"_id\":4,\"_command\":\"open\",\"channel\":1,\"name\":\"x\",\"credit\":9}\n"
        "{\"_type\":3,\"_id\":5,\"_command\":\"open\",\"channel\":2,\"name\":\"chat\",\"credit\":9}\n"
        "{\"_id\":6,\"_command\":\"ping\"}\n");
    const char *refusal = client_line(client);
    cr_assert_not_null(strstr(refusal, "\"close\",\"channel\":1,\"code\":\"not found\""), "%s",
                       refusal);
    client_expect(client, "{\"_type\":2,\"_id\":6}");
    cr_assert(has_room_for_channels());

    /* Offered, and not accepted when its service goes. */
    door_lock(at);
    cr_assert_not_null(at->offered);
    door_withdraw(at, &at->other, "Gone.");
    ab_channel_settle(at->offered, "Not accepted.");
    door_unlock(at);
    client_expect_end(client);
    client_close(client);
}
