/* SPDX-License-Identifier: MIT
 * The second program: a switch for whichever lamp is there, and a view of it.
 *
 *     cc 02-switch.c $(pkg-config --cflags --libs autobus) -o switch
 *     ./switch on    ./switch off    ./switch 40    ./switch view    ./switch on "{'name': 'Bedside'}" */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <autobus/autobus.h>

/* Told by the lamp: its level at once and whenever it changes, and the event each time that it is fired. */
static void show(void *userdata, const autobus_message *message)
{
    (void)userdata;
    printf("%s: %s\n", autobus_message_name(message), autobus_message_text(message, NULL));
    fflush(stdout);
}

static autobus_result operate(autobus_remote *lamp, const char *what)
{
    if (strcmp(what, "view") == 0) {
        autobus_watch(lamp, "level", show, NULL, NULL, NULL);
        autobus_listen(lamp, "switched", show, NULL, NULL, NULL);
        getchar(); /* Enter ends it */
        return AUTOBUS_OK;
    }
    /* While no lamp is there a call waits for one, until its five seconds are over. */
    if (strcmp(what, "on") == 0 || strcmp(what, "off") == 0)
        return autobus_call(lamp, what[1] == 'n' ? "turn_on" : "turn_off", NULL, 5000, NULL);
    json_object *arguments = json_object_new_array(); /* what you pass is taken: never freed here */
    json_object_array_add(arguments, json_object_new_int(atoi(what)));
    return autobus_call(lamp, "set_level", arguments, 5000, NULL);
}

int main(int argc, char **argv)
{
    autobus_bus *bus = NULL;
    if (autobus_bus_new(NULL, &bus) != AUTOBUS_OK) {
        fprintf(stderr, "there is no bus: %s\n", autobus_last_error());
        return 1;
    }
    /* A proxy stands for the first service that passes the filter, and when that is gone, for the next. */
    autobus_filter *filter = autobus_filter_parse(argc > 2 ? argv[2] : "{'type': 'lamp'}");
    autobus_remote *lamp = NULL;
    autobus_result result = autobus_proxy_new(bus, filter, &lamp);
    if (result == AUTOBUS_OK)
        result = operate(lamp, argc > 1 ? argv[1] : "on");
    if (result != AUTOBUS_OK)
        fprintf(stderr, "%s: %s\n", autobus_result_text(result), autobus_last_error());
    autobus_remote_free(&lamp);
    autobus_bus_free(&bus);
    return result != AUTOBUS_OK;
}
