/* SPDX-License-Identifier: MIT
 * The recorded servers of Autobus 2 answer a client of ours as they answered the one they were recorded with, and
 * the program hears what it should, whatever they do that they should not. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/eventually.h"
#include "support/hand.h"
#include "support/recording.h"
#include "support/small_town.h"

/* What the program heard, in words. */
typedef struct ear {
    pthread_mutex_t mutex; /* guards the text */
    char text[4096];
} ear;

static void hear(void *userdata, const autobus_message *message)
{
    ear *in = userdata;
    static const char *const words[] = {
        [AUTOBUS_FIRED] = "fired", [AUTOBUS_VALUE] = "value", [AUTOBUS_GONE] = "gone"};
    pthread_mutex_lock(&in->mutex);
    size_t used = strlen(in->text);
    if (autobus_message_kind(message) != AUTOBUS_ANSWER)
        snprintf(in->text + used, sizeof in->text - used, "%s %s; ",
                 words[autobus_message_kind(message)], autobus_message_text(message, NULL));
    else if (autobus_message_result(message) == AUTOBUS_OK)
        snprintf(in->text + used, sizeof in->text - used, "= %s; ",
                 autobus_message_text(message, NULL));
    else
        snprintf(in->text + used, sizeof in->text - used, "%s: %s; ",
                 autobus_result_text(autobus_message_result(message)),
                 autobus_message_error(message));
    pthread_mutex_unlock(&in->mutex);
}

static bool has_heard(ear *in, const char *part)
{
    pthread_mutex_lock(&in->mutex);
    bool result = strstr(in->text, part) != NULL;
    pthread_mutex_unlock(&in->mutex);
    return result;
}

static json_object *member(json_object *of, const char *key)
{
    json_object *value = NULL;
    json_object_object_get_ex(of, key, &value);
    return value;
}

static const char *text_of(json_object *of, const char *key)
{
    const char *text = json_object_get_string(member(of, key));
    return text != NULL ? text : "";
}

typedef struct scene {
    ear heard;
    autobus_bus *bus;
    autobus_remote *remote;
    autobus_subscription *subscription;
    hand *server;
    char asked[64]; /* the id that the recorded client used, and what ours used instead */
    json_object *instead;
} scene;

/* Does as the recorded client did; false: what no client of ours would ever say. */
static bool does(scene *in, json_object *unit)
{
    const char *command = text_of(unit, "_command"), *name = text_of(unit, "name");
    const char *arguments = json_object_to_json_string(member(unit, "args"));
    bool is_subscribed = in->subscription != NULL;
    if (strcmp(command, "bind") == 0)
        return true;
    if (strcmp(command, "call") == 0 && json_object_get_int(member(unit, "_type")) == 3)
        cr_assert_eq(autobus_send_text(in->remote, name, arguments, AUTOBUS_UNBOUND_FAIL, NULL),
                     AUTOBUS_OK);
    else if (strcmp(command, "call") == 0)
        cr_assert_eq(autobus_call_text_async(in->remote, name, arguments, 10000,
                                             AUTOBUS_UNBOUND_FAIL, hear, &in->heard, NULL, NULL),
                     AUTOBUS_OK);
    else if (strcmp(command, "watch") == 0 && !is_subscribed)
        autobus_watch(in->remote, name, hear, &in->heard, NULL, &in->subscription);
    else if (strcmp(command, "listen") == 0 && !is_subscribed)
        autobus_listen(in->remote, name, hear, &in->heard, NULL, &in->subscription);
    else if (strncmp(command, "un", 2) == 0 && is_subscribed)
        autobus_subscription_free(&in->subscription);
    else
        return false;
    return true;
}

static void client_speaks(scene *in, const char *bytes)
{
    json_object *unit = json_tokener_parse(bytes);
    if (does(in, unit)) {
        const char *line = hand_line(in->server);
        cr_assert_not_null(line, "our client closed");
        json_object *ours = json_tokener_parse(line);
        static const char *const same[] = {"_command", "name", "args", "service"};
        for (size_t i = 0; i < 4; i++)
            cr_expect(json_object_equal(member(ours, same[i]), member(unit, same[i])),
                      "%s instead of %s", line, bytes);
        snprintf(in->asked, sizeof in->asked, "%s", text_of(unit, "_id"));
        json_object_put(in->instead);
        in->instead = json_object_get(member(ours, "_id"));
        json_object_put(ours);
    }
    json_object_put(unit);
}

/* As recorded, but for the id of our question. */
static void server_speaks(scene *in, const char *bytes)
{
    json_object *unit = json_tokener_parse(bytes);
    if (strcmp(text_of(unit, "_id"), in->asked) == 0)
        json_object_object_add(unit, "_id", json_object_get(in->instead));
    hand_send(in->server, json_object_to_json_string_ext(unit, JSON_C_TO_STRING_PLAIN));
    hand_send(in->server, "\r\n");
    bool is_bound = member(unit, "service") != NULL || autobus_remote_bound(in->remote) > 0;
    if (is_bound && member(unit, "_command") != NULL) {
        char news[256];
        bool is_value = strcmp(text_of(unit, "_command"), "changed") == 0;
        snprintf(news, sizeof news, "%s ", is_value ? "value" : "fired");
        const char *text = json_object_to_json_string_ext(member(unit, is_value ? "value" : "args"),
                                                          JSON_C_TO_STRING_PLAIN);
        if (in->subscription != NULL && strlen(text) < 200) {
            strcat(news, text);
            EVENTUALLY(has_heard(&in->heard, news));
        }
    }
    json_object_put(unit);
}

/* Plays the recording, and expects the program to have heard this. */
static void replay(const char *name, const char *wanted)
{
    scene in = {.heard = {.mutex = PTHREAD_MUTEX_INITIALIZER}, .bus = town_hermit()};
    recording *then = recording_read(name);
    uint16_t port = 0;
    int listening = hand_listen(&port);
    json_object *bind = json_tokener_parse(then->units[0].bytes);
    cr_assert_eq(
        autobus_connect_to(in.bus, "127.0.0.1", port, text_of(bind, "service"), 0, &in.remote),
        AUTOBUS_OK, "%s", autobus_last_error());
    in.server = hand_accept(listening);
    for (size_t i = 0; i < then->count && strcmp(then->units[i].event, "data") == 0; i++) {
        bool is_client = strcmp(then->units[i].from, "client") == 0;
        (is_client ? client_speaks : server_speaks)(&in, then->units[i].bytes);
        if (i == 1)
            cr_expect_eq(autobus_remote_wait(in.remote, 10000), AUTOBUS_OK, "%s",
                         autobus_last_error());
    }
    for (int left = EVENTUALLY_MS; left > 0 && !has_heard(&in.heard, wanted); left--)
        eventually_wait_until_next_look();
    hand_free(in.server);
    close(listening);
    autobus_remote_free(&in.remote);
    autobus_subscription_free(&in.subscription);
    autobus_bus_free(&in.bus);
    cr_expect_str_eq(in.heard.text, wanted);
    json_object_put(in.instead);
    json_object_put(bind);
    recording_free(then);
}

Test(recorded_servers, answer)
{
    replay("call_ok", "= 5; = [\"text\",null,{\"k\":[1,2.5,true]}]; ");
}

Test(recorded_servers, tell_of_failures)
{
    replay(
        "call_error",
        "remote error: Remote function threw an exception: <type 'exceptions.ValueError'>: oops; "
        "not found: No such function: nosuch does not exist; "
        "not found: No such function: _private starts with an underscore; ");
}

Test(recorded_servers, take_calls_that_want_no_answer)
{
    replay("call_notification", "");
}

Test(recorded_servers, tell_what_is_watched)
{
    replay("watch_notification", "value 4; value 5; value 6; ");
}

Test(recorded_servers, tell_a_value_twice_and_never_answer_unwatch)
{
    replay("watch_command", "value 12; value 13; value 14; value 15; ");
}

Test(recorded_servers, fire_and_never_answer_unlisten)
{
    replay("listen_fired_unlisten", "fired [15,\"t\"]; fired [16,\"t\"]; fired [17,\"t\"]; ");
}

Test(recorded_servers, say_yes_and_then_no_to_a_listener)
{
    replay("listen_as_shipped", "");
}

static autobus_result bind_to(const char *name, const char *answer)
{
    autobus_bus *bus = town_hermit();
    autobus_remote *remote = NULL;
    recording *then = recording_read(name);
    uint16_t port = 0;
    int listening = hand_listen(&port);
    cr_assert_eq(autobus_connect_to(bus, "127.0.0.1", port, "nobody", 0, &remote), AUTOBUS_OK);
    hand *server = hand_accept(listening);
    cr_assert_not_null(hand_line(server));
    if (answer != NULL)
        hand_send(server, answer);
    hand_free(server);
    autobus_result result = autobus_remote_wait(remote, 10000);
    close(listening);
    recording_free(then);
    autobus_remote_free(&remote);
    autobus_bus_free(&bus);
    return result;
}

Test(recorded_servers, refuse_a_bind_with_an_answer_or_without)
{
    recording *then = recording_read("bind_fail");
    cr_expect_eq(bind_to("bind_fail", then->units[1].bytes), AUTOBUS_NOT_FOUND);
    cr_expect_eq(bind_to("bind_fail_reply_lost", NULL), AUTOBUS_NOT_FOUND);
    recording_free(then);
}
