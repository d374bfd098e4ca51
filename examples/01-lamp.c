/* SPDX-License-Identifier: MIT
 * The first program: a lamp that the whole network can see and switch, until you press Enter.
 *
 *     cc 01-lamp.c $(pkg-config --cflags --libs autobus) -o lamp
 *     ./lamp "{'type': 'lamp', 'name': 'Bedside'}"          and in another window: ./switch on */
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <autobus/autobus.h>

/* Somebody calls one of the functions below; a call whose arguments do not fit never comes here. */
static void shine(void *lamp, autobus_request *request)
{
    bool is_on = strcmp(autobus_request_function(request), "turn_on") == 0;
    int level = is_on ? 100 : json_object_get_int(autobus_request_argument(request, 0));
    autobus_service_set(lamp, "level", json_object_new_int(level));
    autobus_service_fire_text(lamp, "switched", level > 0 ? "[true]" : "[false]");
    printf("It shines at %d %%, says %s.\n", level, autobus_request_caller(request));
}

/* Being told to end is the same as the end of the input: the lamp says goodbye. */
static void end_input(int signal)
{
    (void)signal;
    close(STDIN_FILENO);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* each line is seen at once, on a pipe too */
    signal(SIGTERM, end_input);
    signal(SIGINT, end_input);
    /* The bus is this program's seat on the network. NULL: every option has a good default. */
    autobus_bus *bus = NULL;
    if (autobus_bus_new(NULL, &bus) != AUTOBUS_OK) {
        fprintf(stderr, "there is no bus: %s\n", autobus_last_error());
        return 1;
    }
    /* The info tells others what the service is. Its keys are yours to choose; most have a "type". */
    const char *info = argc > 1 ? argv[1] : "{'type': 'lamp', 'name': 'Desk lamp'}";
    const char *none = "{'parameters': []}";
    const char *percent = "{'parameters': [{'name': '%', 'type': 'integer', 'range': [0, 100]}]}";
    autobus_service *lamp = autobus_service_parse(bus, info);
    autobus_service_add_object(lamp, "level", "{'unit': '%'}", json_object_new_int(0));
    autobus_service_add_event(lamp, "switched", NULL);
    autobus_service_add_function(lamp, "turn_on", none, AUTOBUS_INLINE, shine, lamp, NULL);
    autobus_service_add_function(lamp, "turn_off", none, AUTOBUS_INLINE, shine, lamp, NULL);
    autobus_service_add_function(lamp, "set_level", percent, AUTOBUS_INLINE, shine, lamp, NULL);
    int failed = autobus_service_publish(lamp) != AUTOBUS_OK;
    if (failed)
        fprintf(stderr, "the lamp stays dark: %s\n", autobus_last_error());
    else if (puts("The lamp is on the network. Press Enter to take it away.") >= 0)
        getchar();
    autobus_service_free(&lamp); /* whoever saw it hears at once that it left */
    autobus_bus_free(&bus);
    return failed;
}
