/* SPDX-License-Identifier: MIT
 * The third program: a button, and a bell that hears it. Every Enter is a press; the end of the input ends it.
 *
 *     cc 03-button.c $(pkg-config --cflags --libs autobus) -o button
 *     ./button                                               and in another window: ./button bell */
#include <json-c/json.h>
#include <stdio.h>

#include <autobus/autobus.h>

/* What comes from others arrives as a message: here a fired event, its value the list of its arguments. */
static void ring(void *userdata, const autobus_message *message)
{
    (void)userdata;
    json_object *count = json_object_array_get_idx(autobus_message_value(message), 0);
    printf("Ding dong! (press %d)\n", json_object_get_int(count));
    fflush(stdout);
}

static autobus_service *hang_button(autobus_bus *bus)
{
    autobus_service *button = autobus_service_parse(bus, "{'type': 'button'}");
    autobus_service_add_event(
        button, "pressed",
        "{'doc': 'Somebody is at the door.', 'parameters': [{'name': 'count'}]}");
    if (autobus_service_publish(button) != AUTOBUS_OK)
        autobus_service_free(&button);
    return button;
}

int main(int argc, char **argv)
{
    (void)argv;
    autobus_bus *bus = NULL;
    autobus_service *button = NULL;
    autobus_remote *buttons = NULL;
    if (autobus_bus_new(NULL, &bus) == AUTOBUS_OK) {
        if (argc == 1)
            button = hang_button(bus);
        else if (autobus_multi_new(bus, autobus_filter_parse("{'type': 'button'}"), &buttons) ==
                 AUTOBUS_OK)
            autobus_listen(buttons, "pressed", ring, NULL, NULL, NULL);
    }
    if (button == NULL && buttons == NULL)
        fprintf(stderr, "it cannot start: %s\n", autobus_last_error());

    int failed = button == NULL && buttons == NULL, count = 0;
    for (int c; !failed && (c = getchar()) != EOF;) {
        if (c != '\n' || button == NULL)
            continue;
        /* Everybody who listens now hears it, once; it is not kept for those who come later. */
        json_object *arguments = json_object_new_array();
        json_object_array_add(arguments, json_object_new_int(++count));
        autobus_service_fire(button, "pressed", arguments);
    }
    autobus_remote_free(&buttons);
    autobus_service_free(&button);
    autobus_bus_free(&bus);
    return failed;
}
