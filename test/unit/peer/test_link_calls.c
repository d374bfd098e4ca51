/* SPDX-License-Identifier: MIT
 * Calls: each completes exactly once, whatever the server does or leaves. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/peer/dialler.h"
#include "unit/peer/door.h"

static dialler *from;
static int server;

static void open_dialler(void)
{
    from = dialler_open();
    server = -1;
}

static void close_dialler(void)
{
    dialler_close(from);
    if (server >= 0)
        close(server);
}

TestSuite(link_calls, .init = open_dialler, .fini = close_dialler);

static void bind_new(void)
{
    server = dialler_bind(from, DIALLER_BOUND);
}

static void bind_old(void)
{
    server = dialler_bind(from, DIALLER_BOUND_OLD);
}

/* One call to f, answered with this; %s stands for its id. */
static void call_answered(dialled *call, const char *answer)
{
    char text[4096];
    cr_assert_eq(dialler_call(from, call, "f", "[]"), AUTOBUS_OK, "%s", autobus_last_error());
    const char *line = client_line(server);
    cr_assert(strstr(line, "\"_command\":\"call\",\"name\":\"f\",\"args\":[]") != NULL, "%s", line);
    char id[32];
    cr_assert_eq(sscanf(line, "{\"_type\":1,\"_id\":\"%31[0-9]\"", id), 1, "%s", line);
    const char *place = strstr(answer, "%s");
    snprintf(text, sizeof text, "%.*s%s%s\r\n", (int)(place - answer), answer, id, place + 2);
    client_send(server, text);
}

Test(link_calls, say_name_and_arguments_and_hear_the_result)
{
    dialled call = {0};
    bind_new();
    cr_assert_eq(dialler_call(from, &call, "say \"hi\"", "[1,{\"a\":\n[]}]"), AUTOBUS_OK);
    client_expect(server, "{\"_type\":1,\"_id\":\"1\",\"_command\":\"call\",\"name\":\"say "
                          "\\\"hi\\\"\",\"args\":[1,{\"a\": []}]}");
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":{\"deep\":[1.50]}}\r\n");
    dialler_expect_call(from, &call, AUTOBUS_OK, "{\"deep\":[1.50]}");
}

Test(link_calls, are_matched_by_id_in_any_order)
{
    dialled calls[3] = {{.done = 0}};
    bind_old();
    for (int i = 0; i < 3; i++)
        cr_assert_eq(dialler_call(from, &calls[i], "f", "[]"), AUTOBUS_OK);
    client_send(server, "{\"result\": 3, \"_id\": \"3\", \"_type\": 2}\n"
                        "{\"_id\": \"1\", \"_type\": 2, \"result\": 1}\n"
                        "{\"_type\": 2, \"result\": 2, \"_id\": \"2\"}\n");
    dialler_expect_call(from, &calls[0], AUTOBUS_OK, "1");
    dialler_expect_call(from, &calls[1], AUTOBUS_OK, "2");
    dialler_expect_call(from, &calls[2], AUTOBUS_OK, "3");
}

Test(link_calls, hear_only_the_first_answer)
{
    dialled call = {0};
    bind_old();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    client_line(server);
    client_send(
        server,
        "{\"_type\": 2, \"_id\": \"1\", \"_error\": {\"text\": \"That command does not exist.\"}}\r\n"
        "{\"_type\": 2, \"_id\": \"1\", \"_error\": {\"text\": \"An exception was thrown.\"}}\r\n"
        "{\"_type\": 2, \"_id\": \"1\", \"result\": 1}\r\n");
    dialler_catch_up(from, server);
    dialler_expect_call(from, &call, AUTOBUS_REMOTE, "That command does not exist.");
}

Test(link_calls, leave_answers_to_nobody_alone)
{
    bind_old();
    client_send(server, "{\"_type\":2,\"_id\":\"99\",\"result\":1}\r\n"
                        "{\"_type\":2,\"_id\":\"01\",\"result\":1}\r\n"
                        "{\"_type\":2,\"_id\":7,\"result\":1}\r\n"
                        "{\"_type\":2,\"_id\":null,\"_error\":{}}\r\n"
                        "{\"_type\":2,\"result\":1}\r\n"
                        "{\"_type\":2,\"_id\":\"99999999999999999999999\",\"result\":1}\r\n");
    dialler_catch_up(from, server);
    cr_assert_eq(from->ended, 0);
}

Test(link_calls, take_a_missing_result_for_null_and_a_null_error_for_none)
{
    dialled call = {0};
    bind_old();
    call_answered(&call, "{\"_type\":2,\"_id\":\"%s\"}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "null");
    call_answered(&call, "{\"_type\":2,\"_id\":\"%s\",\"_error\":null,\"result\":7}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "7");
    call_answered(&call, "{\"_type\":2,\"_id\":\"%s\",\"_command\":\"changed\",\"result\":8}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "8");
    call_answered(&call, "{\"_id\":\"%s\",\"result\":9}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "9");
}

Test(link_calls, map_the_errors_of_old_servers)
{
    dialled call = {0};
    bind_old();
    call_answered(
        &call,
        "{\"_type\":2,\"_id\":\"%s\",\"_error\":{\"text\":\"No such function: f does not exist\"}}");
    dialler_expect_call(from, &call, AUTOBUS_NOT_FOUND, "No such function: f");
    call_answered(&call,
                  "{\"_type\":2,\"_id\":\"%s\",\"_error\":{\"text\":\"Remote function threw\"}}");
    dialler_expect_call(from, &call, AUTOBUS_REMOTE, "Remote function threw");
    call_answered(&call, "{\"_type\":2,\"_id\":\"%s\",\"_error\":{\"text\":5}}");
    dialler_expect_call(from, &call, AUTOBUS_REMOTE, "said no more");
    call_answered(&call, "{\"_type\":2,\"_id\":\"%s\",\"_error\":true,\"result\":1}");
    dialler_expect_call(from, &call, AUTOBUS_REMOTE, "said no more");
}

Test(link_calls, tell_errors_of_libautobus_apart)
{
    static const struct {
        autobus_result said, heard;
    } cases[] = {
        {AUTOBUS_NOT_FOUND, AUTOBUS_NOT_FOUND}, {AUTOBUS_INVALID, AUTOBUS_INVALID},
        {AUTOBUS_BUSY, AUTOBUS_BUSY},           {AUTOBUS_DENIED, AUTOBUS_DENIED},
        {AUTOBUS_TOO_LARGE, AUTOBUS_TOO_LARGE}, {AUTOBUS_REMOTE, AUTOBUS_REMOTE},
        {AUTOBUS_TIMEOUT, AUTOBUS_REMOTE},      {AUTOBUS_CLOSED, AUTOBUS_REMOTE},
        {AUTOBUS_OK, AUTOBUS_REMOTE},
    };
    dialled call = {0};
    bind_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char answer[200];
        snprintf(
            answer, sizeof answer,
            "{\"_type\":2,\"_id\":\"%%s\",\"_error\":{\"text\":\"No such function\",\"code\":\"%s\"}}",
            autobus_result_text(cases[i].said));
        call_answered(&call, answer);
        dialler_expect_call(from, &call, cases[i].heard, "No such function");
    }
}

Test(link_calls, read_numbers_that_are_none_as_null)
{
    dialled call = {0};
    bind_old();
    call_answered(&call, "{\"_type\": 2, \"_id\": \"%s\", \"result\": NaN}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "null");
    call_answered(
        &call,
        "{\"_type\": 2, \"_id\": \"%s\", \"result\": [-Infinity, {\"NaN\": Infinity}, \"I\\\"NaN\", -1]}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "[null, {\"NaN\": null}, \"I\\\"NaN\", -1]");
    call_answered(&call, "{\"_type\": 2, \"_id\": \"%s\", \"result\": \"In NaN\"}");
    dialler_expect_call(from, &call, AUTOBUS_OK, "\"In NaN\"");
}

Test(link_calls, without_an_answer_are_notifications)
{
    bind_new();
    cr_assert_eq(dialler_call(from, NULL, "go", "[true]"), AUTOBUS_OK);
    client_expect(
        server,
        "{\"_type\":3,\"_id\":\"0\",\"_command\":\"call\",\"name\":\"go\",\"args\":[true]}");
}

Test(link_calls, that_were_forgotten_do_not_complete)
{
    dialled call = {0}, other = {0};
    bind_new();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    cr_assert_eq(dialler_call(from, &other, "f", "[]"), AUTOBUS_OK);
    dialler_lock(from);
    ab_link_forget(from->link, &call.call);
    ab_link_forget(from->link, &call.call);
    dialler_unlock(from);
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":1}\n"
                        "{\"_type\":2,\"_id\":\"2\",\"result\":2}\n");
    dialler_expect_call(from, &other, AUTOBUS_OK, "2");
    cr_assert_eq(call.done, 0);
}

Test(link_calls, are_bounded_in_number)
{
    from->limits.max_calls = 2;
    dialled calls[3] = {{.done = 0}};
    bind_new();
    cr_assert_eq(dialler_call(from, &calls[0], "f", "[]"), AUTOBUS_OK);
    cr_assert_eq(dialler_call(from, &calls[1], "f", "[]"), AUTOBUS_OK);
    cr_assert_eq(dialler_call(from, &calls[2], "f", "[]"), AUTOBUS_BUSY);
    cr_assert(strstr(autobus_last_error(), "2 calls") != NULL, "%s", autobus_last_error());
    cr_assert_eq(dialler_call(from, NULL, "f", "[]"), AUTOBUS_OK);
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":1}\n");
    dialler_expect_call(from, &calls[0], AUTOBUS_OK, "1");
    cr_assert_eq(dialler_call(from, &calls[2], "f", "[]"), AUTOBUS_OK);
    dialler_hang_up(from);
    dialler_expect_call(from, &calls[1], AUTOBUS_CLOSED, "we hang up");
    dialler_expect_call(from, &calls[2], AUTOBUS_CLOSED, "we hang up");
}

Test(link_calls, are_bounded_in_size)
{
    from->limits.max_message = 1000;
    char arguments[1100];
    dialled call = {0};
    bind_new();
    memset(arguments, '1', sizeof arguments);
    memcpy(arguments, "[\"", 2);
    memcpy(arguments + 950, "\"]", 3);
    cr_assert_eq(dialler_call(from, &call, "f", arguments), AUTOBUS_TOO_LARGE);
    cr_assert_eq(dialler_call(from, NULL, "f", arguments), AUTOBUS_TOO_LARGE);
    memcpy(arguments + 900, "\"]", 3);
    cr_assert_eq(dialler_call(from, &call, "f", arguments), AUTOBUS_OK);
    cr_assert(strstr(client_line(server), "\"_id\":\"2\"") != NULL);
    dialler_hang_up(from);
    dialler_expect_call(from, &call, AUTOBUS_CLOSED, "we hang up");
}

Test(link_calls, are_refused_while_the_other_side_does_not_read)
{
    from->limits.max_queued = 200000;
    char *arguments = calloc(1, 100001);
    bind_new();
    memset(arguments, '1', 100000);
    arguments[0] = '[';
    arguments[99999] = ']';
    autobus_result result = AUTOBUS_OK;
    int said = 0;
    for (; result == AUTOBUS_OK && said < 1000; said++)
        result = dialler_call(from, NULL, "f", arguments);
    cr_assert_eq(result, AUTOBUS_BUSY);
    cr_assert(strstr(autobus_last_error(), "does not read") != NULL, "%s", autobus_last_error());
    /* Whole lines are there, and no more of them than were taken. */
    static char bytes[1 << 16];
    size_t lines = 0;
    dialler_hang_up(from);
    for (ssize_t got; (got = read(server, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < got; i++)
            lines += bytes[i] == '\n';
    cr_assert_eq(lines, (size_t)said - 1);
    free(arguments);
}

Test(link_calls, carry_big_answers)
{
    size_t length = 3000000;
    char *answer = malloc(length + 100);
    dialled call = {0};
    bind_new();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    int head = sprintf(answer, "{\"_type\":2,\"_id\":\"1\",\"result\":\"");
    memset(answer + head, 'x', length);
    strcpy(answer + head + length, "\"}\r\n");
    client_send(server, answer);
    dialler_wait(from, &call.done, 1);
    cr_assert_eq(call.result, AUTOBUS_OK);
    cr_assert_eq(strlen(call.value), length + 2);
    free(call.value);
    free(call.error);
    free(answer);
}

Test(link_calls, all_complete_in_order_when_the_server_goes_and_before_the_end_is_told)
{
    enum {
        MANY = 100
    };
    static dialled calls[MANY];
    bind_new();
    for (int i = 0; i < MANY; i++)
        cr_assert_eq(dialler_call(from, &calls[i], "f", "[]"), AUTOBUS_OK);
    for (int i = 0; i < MANY; i++)
        client_line(server);
    client_close(server);
    server = -1;
    dialler_expect_end(from, AUTOBUS_CLOSED, "closed the connection");
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(calls[i].done, 1);
        dialler_expect_call(from, &calls[i], AUTOBUS_CLOSED, from->sentence);
    }
}

/* Closing, calling and forgetting inside of a completion. */
static dialled another;

static void make_trouble(dialled *call)
{
    call->from->finally = NULL;
    cr_assert_eq(ab_link_call(call->from->link, &another.call, AB_SLICE("f"), AB_SLICE("[]")),
                 AUTOBUS_CLOSED);
    ab_link_forget(call->from->link, &call[1].call);
    ab_link_close(call->from->link, "no more");
    call->from->link = NULL;
}

Test(link_calls, may_close_and_forget_inside_of_a_completion)
{
    static dialled calls[3];
    bind_new();
    calls[0].then = make_trouble;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(dialler_call(from, &calls[i], "f", "[]"), AUTOBUS_OK);
    for (int i = 0; i < 3; i++)
        client_line(server);
    client_close(server);
    server = -1;
    dialler_expect_call(from, &calls[2], AUTOBUS_CLOSED, "closed the connection");
    dialler_expect_call(from, &calls[0], AUTOBUS_CLOSED, "closed the connection");
    cr_assert_eq(calls[1].done, 0);
    cr_assert_eq(from->ended, 0, "the owner has closed it, and hears no more");
}

static void close_from(dialled *call)
{
    ab_link_close(call->from->link, "no more");
    call->from->link = NULL;
}

Test(link_calls, may_close_inside_of_an_answer)
{
    dialled call = {.then = close_from}, other = {0};
    bind_new();
    cr_assert_eq(dialler_call(from, &call, "f", "[]"), AUTOBUS_OK);
    cr_assert_eq(dialler_call(from, &other, "f", "[]"), AUTOBUS_OK);
    client_send(server, "{\"_type\":2,\"_id\":\"1\",\"result\":1}\n{\"_type\":2,\"_id\":\"2\"}\n");
    dialler_expect_call(from, &other, AUTOBUS_CLOSED, "no more");
    dialler_expect_call(from, &call, AUTOBUS_OK, "1");
    cr_assert_eq(from->ended, 0);
}

Test(link_calls, that_were_said_leave_although_the_link_is_closed_at_once)
{
    bind_old();
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(dialler_call(from, NULL, "f", "[\"some text that takes some room\"]"),
                     AUTOBUS_OK);
    dialler_hang_up(from);
    for (int i = 0; i < 1000; i++)
        client_expect(server, "{\"_type\":3,\"_id\":\"0\",\"_command\":\"call\",\"name\":\"f\","
                              "\"args\":[\"some text that takes some room\"]}");
    client_expect_end(server);
}
