/* SPDX-License-Identifier: MIT
 * A program in C for the tests of the bindings: it offers a fan, and when it is told to it uses a lamp, written in
 * whatever language. Commands come line by line: "use" calls, watches, listens and opens a channel; "fire" fires the
 * fan's event. It prints a line for whatever it hears, and ends with its input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include <autobus/autobus.h>

typedef struct guest {
    autobus_bus *bus;
    autobus_service *fan;
    autobus_remote *lamp;
    autobus_channel *opened;
} guest;

static void check(autobus_result result)
{
    if (result == AUTOBUS_OK)
        return;
    printf("failed: %s\n", autobus_last_error());
    fflush(stdout);
    exit(1);
}

static void tell(void *userdata, const autobus_message *message)
{
    static const char *const words[] = {
        [AUTOBUS_ANSWER] = "answer",     [AUTOBUS_FIRED] = "fired",   [AUTOBUS_VALUE] = "value",
        [AUTOBUS_GONE] = "gone",         [AUTOBUS_OPENED] = "opened", [AUTOBUS_DATA] = "data",
        [AUTOBUS_CLOSED_NOW] = "closed",
    };
    autobus_kind kind = autobus_message_kind(message);
    (void)userdata;
    if ((size_t)kind >= sizeof words / sizeof words[0] || words[kind] == NULL)
        return;
    printf("%s %s %s%s\n", words[kind], autobus_message_name(message),
           autobus_message_result(message) == AUTOBUS_OK ? autobus_message_text(message, NULL)
                                                         : "!",
           autobus_message_error(message));
    fflush(stdout);
}

static void talk(void *userdata, const autobus_message *message)
{
    const guest *self = userdata;
    tell(NULL, message);
    if (autobus_message_kind(message) == AUTOBUS_OPENED)
        check(autobus_channel_send_text(self->opened, "\"good evening\""));
}

static void spin(void *userdata, autobus_request *request)
{
    const guest *self = userdata;
    json_object *speed = autobus_request_argument(request, 0);
    check(autobus_service_set(self->fan, "speed", json_object_get(speed)));
    check(autobus_request_answer_text(request, "true"));
}

static void break_down(void *userdata, autobus_request *request)
{
    (void)userdata;
    check(autobus_request_fail(request, "the fan is broken"));
}

static void answer_with_same(void *userdata, const autobus_message *message)
{
    autobus_channel **end = userdata;
    if (autobus_message_kind(message) == AUTOBUS_DATA)
        check(autobus_channel_send_text(*end, autobus_message_text(message, NULL)));
    else if (autobus_message_kind(message) == AUTOBUS_CLOSED_NOW)
        autobus_channel_free(end);
}

static void free_end(void *userdata)
{
    free(userdata);
}

static void accept_echo(void *userdata, autobus_channel *offered)
{
    autobus_channel **end = malloc(sizeof *end);
    (void)userdata;
    *end = offered;
    check(autobus_channel_accept(offered, answer_with_same, end, free_end));
}

static void offer_fan(guest *self)
{
    static const char spin_text[] = "{'parameters': [{'name': 'speed', 'type': 'integer', "
                                    "'range': [0, 3]}], 'returns': 'boolean'}";
    self->fan = autobus_service_parse(self->bus, "{'type': 'fan', 'name': 'ceiling'}");
    check(autobus_service_add_object(self->fan, "speed", NULL, json_object_new_int(0)));
    check(autobus_service_add_event(self->fan, "stopped", NULL));
    check(autobus_service_add_function(self->fan, "spin", spin_text, AUTOBUS_INLINE, spin, self,
                                       NULL));
    check(autobus_service_add_function(self->fan, "break_down", NULL, AUTOBUS_POOL, break_down,
                                       NULL, NULL));
    check(autobus_service_add_channel(self->fan, "echo", NULL, false, accept_echo, NULL, NULL));
    check(autobus_service_publish(self->fan));
}

static void use_lamp(guest *self)
{
    char *value = NULL;
    check(autobus_proxy_new(self->bus, autobus_filter_parse("{'type': 'lamp'}"), &self->lamp));
    check(autobus_watch(self->lamp, "level", tell, NULL, NULL, NULL));
    check(autobus_listen(self->lamp, "pressed", tell, NULL, NULL, NULL));
    check(autobus_call_text(self->lamp, "turn_on", "[50]", 5000, &value));
    printf("turned on %s\n", value);
    free(value);
    for (int i = 0; i < 3; i++)
        check(autobus_call_text_async(self->lamp, "slow", "[0.01]", 5000, AUTOBUS_UNBOUND_DEFAULT,
                                      tell, NULL, NULL, NULL));
    check(autobus_call_text_async(self->lamp, "fail", "[\"no bulb\"]", 5000,
                                  AUTOBUS_UNBOUND_DEFAULT, tell, NULL, NULL, NULL));
    check(autobus_channel_open(self->lamp, "talk", false, json_object_new_string("C"), talk, self,
                               NULL, &self->opened));
}

int main(void)
{
    guest self = {.lamp = NULL};
    char line[64];
    check(autobus_bus_new(NULL, &self.bus));
    offer_fan(&self);
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (strcmp(line, "use\n") == 0)
            use_lamp(&self);
        else if (strcmp(line, "fire\n") == 0)
            check(autobus_service_fire_text(self.fan, "stopped", "[\"tired\", 3]"));
        fflush(stdout);
    }
    autobus_channel_free(&self.opened);
    autobus_remote_free(&self.lamp);
    autobus_service_free(&self.fan);
    autobus_bus_free(&self.bus);
    return 0;
}
