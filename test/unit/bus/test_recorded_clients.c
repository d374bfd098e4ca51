/* SPDX-License-Identifier: MIT
 * The recorded clients of Autobus 2 use a service of ours instead of the one they were recorded with, and get what
 * they got then; where we do better, the difference is listed here. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "support/hand.h"
#include "support/recording.h"
#include "support/small_town.h"

#define NOTHING      ""
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Instead of what was recorded at this place (from 0) comes this, and then this; NULL: no more. */
typedef struct difference {
    size_t at;
    const char *instead, *then;
} difference;

/* The program that they were recorded with. */
static const char *const functions[] = {"unjsonable", "slow", "add_obj",   "fire",    "nan",
                                        "echo",       "add",  "set_maybe", "uni",     "nothing",
                                        "drop_obj",   "fail", "del_maybe", "brokenev"};

static void act(void *userdata, autobus_request *request)
{
    const char *name = userdata;
    if (strcmp(name, "add") == 0)
        autobus_request_answer(
            request,
            json_object_new_int(json_object_get_int(autobus_request_argument(request, 0)) +
                                json_object_get_int(autobus_request_argument(request, 1))));
    else if (strcmp(name, "echo") == 0)
        autobus_request_answer_text(request, autobus_request_text(request));
    else if (strcmp(name, "fail") == 0)
        autobus_request_fail(request, "oops");
}

static autobus_service *offer(autobus_bus *bus, const char *id)
{
    autobus_service *service = autobus_service_parse(bus, "{'type': 'ab2.test', 'port': 5}");
    autobus_service_set_id(service, id);
    for (size_t i = 0; i < COUNT(functions); i++)
        autobus_service_add_function(service, functions[i], NULL, AUTOBUS_INLINE, act,
                                     (void *)(uintptr_t)functions[i], NULL);
    autobus_service_add_object(service, "counter", "{'doc': 'a number that goes up'}", NULL);
    autobus_service_add_object(service, "maybe", NULL, NULL);
    autobus_service_add_object(service, "undocumented", NULL, NULL);
    autobus_service_add_event(service, "tick", "{'doc': 'fires now and then'}");
    cr_assert_eq(autobus_service_publish(service), AUTOBUS_OK, "%s", autobus_last_error());
    return service;
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

/* The service that they bind: ours for that is the introspection, if the one recorded was. */
static void change_bind(json_object *message, const char *id)
{
    if (strcmp(text_of(message, "_command"), "bind") == 0 &&
        strcmp(text_of(message, "service"), id) != 0)
        json_object_object_add(message, "service", NULL);
}

static void say(hand *client, const char *line, const char *id)
{
    json_object *message = json_tokener_parse(line);
    if (message != NULL)
        change_bind(message, id);
    hand_send(client, message != NULL ? json_object_to_json_string(message) : line);
    hand_send(client, "\r\n");
    json_object_put(message);
}

/* What the program did just then: its counter went up, or it fired. */
static void follow(autobus_service *service, json_object *message, json_object **counter)
{
    json_object *value = member(message, "value");
    if (strcmp(text_of(message, "_command"), "fired") == 0) {
        autobus_service_fire(service, "tick", json_object_get(member(message, "args")));
    } else if (strcmp(text_of(message, "name"), "counter") == 0 && value != NULL &&
               !json_object_equal(value, *counter)) {
        autobus_service_set(service, "counter", json_object_get(value));
        *counter = value;
    }
}

/* Ids of notifications are anybody's; and codes are passed over by old peers. */
static void expect(hand *client, const char *wanted)
{
    if (strcmp(wanted, NOTHING) == 0)
        return;
    json_object *message = json_tokener_parse(wanted);
    if (json_object_get_int(member(message, "_type")) == 3)
        json_object_object_add(message, "_id", json_object_new_string("…"));
    const char *line = hand_line(client);
    cr_assert_not_null(line, "the end instead of %s", wanted);
    json_object *got = json_tokener_parse(line);
    if (member(got, "_error") != NULL)
        json_object_object_del(member(got, "_error"), "code");
    cr_assert(hand_is_like(json_object_to_json_string(got), json_object_to_json_string(message)),
              "got %s instead of %s", json_object_to_json_string(got), wanted);
    json_object_put(got);
    json_object_put(message);
}

static void replay(const char *name, const char *id, const difference *differences, size_t count)
{
    autobus_bus *bus = town_hermit();
    autobus_service *service = offer(bus, id);
    hand *client = hand_connect(autobus_bus_port(bus), autobus_bus_id(bus));
    recording *then = recording_read(name);
    json_object *said[RECORDED_MOST] = {0}, *counter = NULL;
    for (size_t i = 0; i < then->count; i++)
        said[i] = json_tokener_parse(then->units[i].bytes);
    for (size_t i = 0; i < then->count && counter == NULL; i++)
        follow(service, said[i], &counter); /* as it was when it began */
    for (size_t i = 0; i < then->count; i++) {
        bool is_data = strcmp(then->units[i].event, "data") == 0;
        if (strcmp(then->units[i].from, "client") == 0) {
            is_data ? say(client, then->units[i].bytes, id) : hand_finish(client);
            continue;
        }
        if (!is_data)
            break;
        follow(service, said[i], &counter);
        const difference *other = NULL;
        for (size_t k = 0; k < count; k++)
            other = differences[k].at == i ? &differences[k] : other;
        expect(client, other != NULL ? other->instead : then->units[i].bytes);
        if (other != NULL && other->then != NULL)
            expect(client, other->then);
    }
    cr_expect_null(hand_line(client), "more comes");
    for (size_t i = 0; i < then->count; i++)
        json_object_put(said[i]);
    recording_free(then);
    hand_free(client);
    autobus_service_free(&service);
    autobus_bus_free(&bus);
}

#define PLAIN  "1795220983.9-2-vm-0.470427772233"
#define MENDED "1795221005.77-2-vm-0.0267557545543"
#define REPLAY(name, id, ...)                              \
    static const difference differences[] = {__VA_ARGS__}; \
    replay(name, id, differences, COUNT(differences))
#define GONE(name)                                                     \
    "{\"_type\":3,\"_id\":0,\"_command\":\"changed\",\"name\":\"" name \
    "\",\"value\":null,\"gone\":true}"

Test(recorded_clients, call)
{
    replay("call_ok", PLAIN, NULL, 0);
}

Test(recorded_clients, hear_of_failures_in_other_sentences)
{
    REPLAY("call_error", PLAIN,
           {3, "{\"_type\":2,\"_id\":\"1795220985.4-7\",\"_error\":{\"text\":\"oops\"}}", NULL},
           {5, "{\"_type\":2,\"_id\":\"1795220985.4-8\",\"_error\":{\"text\":\"…\"}}", NULL},
           {7, "{\"_type\":2,\"_id\":\"1795220985.4-9\",\"_error\":{\"text\":\"…\"}}", NULL});
}

Test(recorded_clients, call_without_wanting_an_answer)
{
    replay("call_notification", PLAIN, NULL, 0);
}

Test(recorded_clients, watch_and_in_the_end_are_told_that_it_is_gone)
{
    REPLAY("watch_notification", PLAIN, {7, GONE("counter"), NULL});
}

Test(recorded_clients, watch_by_commands_and_get_the_answer_that_unwatch_never_got)
{
    REPLAY(
        "watch_command", PLAIN,
        {11, "{\"_type\":2,\"_id\":\"c-4\",\"name\":\"counter\",\"value\":null}", GONE("counter")});
}

Test(recorded_clients, watch_what_is_not_there_and_are_told_so)
{
    REPLAY("watch_missing_object", PLAIN, {4, GONE("nosuch"), NULL});
}

Test(recorded_clients, listen_and_get_no_error_behind_the_good_answer)
{
    REPLAY("listen_as_shipped", PLAIN, {4, NOTHING, NULL},
           {8, "{\"_type\":2,\"_id\":\"c-4\",\"name\":\"tick\"}", NULL},
           {10,
            "{\"_type\":2,\"_id\":\"c-5\",\"_error\":"
            "{\"text\":\"You're not listening for that event.\"}}",
            NULL});
}

Test(recorded_clients, listen_and_get_the_answer_that_unlisten_never_got)
{
    REPLAY("listen_fired_unlisten", MENDED,
           {11, "{\"_type\":2,\"_id\":\"c-4\",\"name\":\"tick\"}",
            "{\"_type\":2,\"_id\":\"c-5\",\"_error\":"
            "{\"text\":\"You're not listening for that event.\"}}"});
}

Test(recorded_clients, ask_for_details_by_null)
{
    REPLAY("get_details", PLAIN,
           {1, "{\"_type\":2,\"_id\":\"1795220988.02-15\",\"service\":null}", NULL},
           {3, "{\"_type\":2,\"_id\":\"1795220988.02-16\",\"result\":\"…\"}", NULL});
}

Test(recorded_clients, watch_details_by_null)
{
    REPLAY("watch_details", PLAIN, {1, "{\"_type\":2,\"_id\":\"c-1\",\"service\":null}", NULL},
           {3, "{\"_type\":2,\"_id\":\"c-2\",\"name\":\"details\",\"value\":\"…\"}", NULL},
           {4,
            "{\"_type\":3,\"_id\":0,\"_command\":\"changed\",\"name\":\"details\",\"value\":\"…\"}",
            NULL});
}

/* The names of the members of a kind, and that an entry has its doc. */
static void expect_names(json_object *ours, json_object *theirs, const char *kind)
{
    cr_expect_eq(json_object_object_length(member(ours, kind)),
                 json_object_object_length(member(theirs, kind)), "as many %s", kind);
    json_object_object_foreach (member(theirs, kind), name, entry) {
        json_object *one = member(member(ours, kind), name);
        cr_expect_not_null(one, "%s has no %s", kind, name);
        cr_expect_str_eq(text_of(one, "doc"), text_of(entry, "doc"), "%s", name);
    }
}

Test(recorded_clients, find_in_details_what_they_found)
{
    autobus_bus *bus = town_hermit();
    autobus_service *service = offer(bus, PLAIN);
    hand *client = hand_connect(autobus_bus_port(bus), autobus_bus_id(bus));
    recording *then = recording_read("get_details");
    say(client, then->units[0].bytes, PLAIN);
    cr_assert_not_null(hand_line(client));
    say(client, then->units[2].bytes, PLAIN);
    json_object *got = json_tokener_parse(hand_line(client));
    json_object *told = json_tokener_parse(then->units[3].bytes);
    json_object *ours = member(member(got, "result"), PLAIN);
    json_object *theirs = member(member(told, "result"), PLAIN);
    cr_expect_str_eq(text_of(member(ours, "info"), "type"), "ab2.test");
    expect_names(ours, theirs, "functions");
    expect_names(ours, theirs, "objects");
    expect_names(ours, theirs, "events");
    json_object_put(got);
    json_object_put(told);
    recording_free(then);
    hand_free(client);
    autobus_service_free(&service);
    autobus_bus_free(&bus);
}
