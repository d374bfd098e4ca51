/* SPDX-License-Identifier: MIT
 * The fourth program: a thermometer whose temperature you type, and a display that always shows the latest.
 *
 *     cc 04-thermostat.c $(pkg-config --cflags --libs autobus) -o thermostat
 *     ./thermostat                                     and in another window: ./thermostat display */
#include <json-c/json.h>
#include <stdio.h>

#include <autobus/autobus.h>

/* Called with the value of now at once, and then with every change. If the thermostat dies, or if there never
 * was one, there is no value: that is told too. And when it is back, its value comes by itself. */
static void show(void *userdata, const autobus_message *message)
{
    (void)userdata;
    if (autobus_message_kind(message) == AUTOBUS_GONE)
        printf("no thermostat\n");
    else
        printf("%s degrees\n", autobus_message_text(message, NULL));
    fflush(stdout);
}

static void measure(autobus_service *thermostat)
{
    char line[64];
    double degrees;
    while (fgets(line, sizeof line, stdin) != NULL)
        if (thermostat != NULL && sscanf(line, "%lf", &degrees) == 1)
            autobus_service_set(thermostat, "temperature", json_object_new_double(degrees));
}

int main(int argc, char **argv)
{
    (void)argv;
    autobus_bus *bus = NULL;
    autobus_service *thermostat = NULL;
    autobus_remote *remote = NULL;
    autobus_result result = autobus_bus_new(NULL, &bus);
    if (result == AUTOBUS_OK && argc > 1) {
        result = autobus_proxy_new(bus, autobus_filter_parse("{'type': 'thermostat'}"), &remote);
        if (result == AUTOBUS_OK)
            result = autobus_watch(remote, "temperature", show, NULL, NULL, NULL);
    } else if (result == AUTOBUS_OK) {
        thermostat = autobus_service_parse(bus, "{'type': 'thermostat'}");
        autobus_service_add_object(thermostat, "temperature", "{'type': 'number', 'unit': '°C'}",
                                   json_object_new_double(20));
        result = autobus_service_publish(thermostat);
    }
    if (result != AUTOBUS_OK)
        fprintf(stderr, "it cannot start: %s\n", autobus_last_error());
    else
        measure(thermostat); /* the display only waits here for the end of its input */
    autobus_remote_free(&remote);
    autobus_service_free(&thermostat);
    autobus_bus_free(&bus);
    return result != AUTOBUS_OK;
}
