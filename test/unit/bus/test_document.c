/* SPDX-License-Identifier: MIT
 * docs/protocol.md says how a service is used: its conversations are held with one that a program offers. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "support/document.h"
#include "support/hand.h"
#include "support/small_town.h"

static void add(void *userdata, autobus_request *request)
{
    (void)userdata;
    int sum = json_object_get_int(autobus_request_argument(request, 0)) +
              json_object_get_int(autobus_request_argument(request, 1));
    autobus_request_answer(request, json_object_new_int(sum));
}

static void refuse(void *userdata, autobus_request *request)
{
    (void)userdata;
    autobus_request_fail(request, "I do not want to.");
}

/* Sends everything back. */
static void echo(void *userdata, const autobus_message *message)
{
    autobus_channel **channel = userdata;
    size_t length = 0;
    const void *bytes = autobus_message_bytes(message, &length);
    if (autobus_message_kind(message) == AUTOBUS_BLOB)
        autobus_channel_write(*channel, bytes, length, NULL);
    else if (autobus_message_kind(message) == AUTOBUS_ENDED)
        autobus_channel_end(*channel);
    else if (autobus_message_kind(message) == AUTOBUS_DATA &&
             strcmp(autobus_message_text(message, NULL), "\"bye\"") == 0)
        autobus_channel_close(*channel, "You said bye.");
    else if (autobus_message_kind(message) == AUTOBUS_DATA)
        autobus_channel_send(*channel, autobus_message_take(message));
}

static void accept_all(void *userdata, autobus_channel *offered)
{
    autobus_channel **channel = userdata;
    autobus_channel_free(channel);
    if (autobus_channel_accept(offered, echo, channel, NULL) == AUTOBUS_OK)
        *channel = offered;
}

typedef struct stage {
    autobus_bus *bus;
    autobus_service *lamp;
    autobus_channel *echoing, *piping;
} stage;

static void furnish(stage *on)
{
    static const char two_integers[] = "{'parameters': [{'name': 'a', 'type': 'integer'},"
                                       "                {'name': 'b', 'type': 'integer'}]}";
    on->bus = town_hermit();
    on->lamp = autobus_service_parse(on->bus, "{'type': 'lamp'}");
    autobus_service_set_id(on->lamp, "lamp-1");
    autobus_service_add_function(on->lamp, "add", two_integers, AUTOBUS_INLINE, add, NULL, NULL);
    autobus_service_add_function(on->lamp, "refuse", NULL, AUTOBUS_INLINE, refuse, NULL, NULL);
    autobus_service_add_object(on->lamp, "level", NULL, json_object_new_int(30));
    autobus_service_add_event(on->lamp, "switched", NULL);
    autobus_service_add_channel(on->lamp, "echo", NULL, false, accept_all, &on->echoing, NULL);
    autobus_service_add_channel(on->lamp, "pipe", NULL, true, accept_all, &on->piping, NULL);
    cr_assert_eq(autobus_service_publish(on->lamp), AUTOBUS_OK, "%s", autobus_last_error());
}

static void clear(stage *on)
{
    autobus_service_free(&on->lamp);
    autobus_bus_free(&on->bus);
    autobus_channel_free(&on->echoing);
    autobus_channel_free(&on->piping);
}

/* What the program does meanwhile. */
static void do_as(stage *on, const char *line)
{
    char name[64];
    int said = 0;
    autobus_result result = AUTOBUS_INVALID;
    if (strcmp(line, "withdraws") == 0)
        result = autobus_service_withdraw(on->lamp);
    else if (sscanf(line, "sets %63s to %n", name, &said) == 1 && said > 0)
        result = autobus_service_set_text(on->lamp, name, line + said);
    else if (sscanf(line, "fires %63s with %n", name, &said) == 1 && said > 0)
        result = autobus_service_fire_text(on->lamp, name, line + said);
    cr_assert_eq(result, AUTOBUS_OK, "the program %s: %s", line, autobus_last_error());
}

/* The next line that is no ping; those are answered. */
static const char *next_line(hand *client)
{
    const char *line;
    while ((line = hand_line(client)) != NULL && strstr(line, "\"ping\"") != NULL)
        hand_send(client, "{\"_type\":2,\"_id\":\"1\"}\r\n");
    return line;
}

static void expect(hand *client, const char *wanted)
{
    const char *got = next_line(client);
    cr_assert(got != NULL && hand_is_like(got, wanted), "got %s instead of %s",
              got != NULL ? got : "the end", wanted);
}

static void hold(void *userdata, char *text)
{
    stage on = {0};
    char *rest = NULL;
    (void)userdata;
    furnish(&on);
    hand *client = hand_connect(autobus_bus_port(on.bus), autobus_bus_id(on.bus));
    hand_send(client, "{\"_type\":1,\"_id\":0,\"_command\":\"bind\",\"service\":\"lamp-1\","
                      "\"autobus\":1}\r\n");
    expect(client, "{\"_type\":2,\"_id\":0,\"service\":\"lamp-1\",\"bus\":\"…\"}");
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "C: ", 3) == 0) {
            hand_send(client, line + 3);
            hand_send(client, "\r\n");
        } else if (strncmp(line, "P: ", 3) == 0) {
            do_as(&on, line + 3);
        } else if (strcmp(line, "S closes") == 0) {
            cr_assert_null(hand_line(client), "it does not close");
        } else {
            cr_assert_eq(strncmp(line, "S: ", 3), 0, "%s", line);
            expect(client, line + 3);
        }
    }
    hand_free(client);
    clear(&on);
}

Test(document, shows_how_a_service_is_used)
{
    cr_assert_gt(document_blocks("docs/protocol.md", "usage", hold, NULL), 8);
}
