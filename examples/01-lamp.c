/* SPDX-License-Identifier: MIT
 * The first program: a lamp that the whole network can see, until you press Enter.
 *
 *     cc 01-lamp.c $(pkg-config --cflags --libs autobus) -o lamp
 *     ./lamp                                          and in another window: autobus-ls -w
 *     ./lamp "{'type': 'lamp', 'name': 'Bedside', 'room': 'attic'}" */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <autobus/autobus.h>

/* Being told to end is the same as the end of the input: the lamp says goodbye. */
static void end_input(int signal)
{
    (void)signal;
    close(STDIN_FILENO);
}

int main(int argc, char **argv)
{
    const char *info = argc > 1 ? argv[1] : "{'type': 'lamp', 'name': 'Desk lamp'}";
    signal(SIGTERM, end_input);
    signal(SIGINT, end_input);

    /* The bus is this program's seat on the network. NULL: every option has a good default. */
    autobus_bus *bus = NULL;
    if (autobus_bus_new(NULL, &bus) != AUTOBUS_OK) {
        fprintf(stderr, "there is no bus: %s\n", autobus_last_error());
        return 1;
    }

    /* The info tells others what the service is. Its keys are yours to choose; most have a "type". */
    autobus_service *lamp = autobus_service_parse(bus, info);
    int failed = autobus_service_publish(lamp) != AUTOBUS_OK;
    if (failed) {
        fprintf(stderr, "the lamp stays dark: %s\n", autobus_last_error());
    } else {
        printf("The lamp is on the network. Press Enter to take it away.\n");
        fflush(stdout);
        for (int c = 0; c != '\n' && c != EOF;) {
            c = getchar();
        }
    }

    /* Whoever saw it hears at once that it left. */
    autobus_service_free(&lamp);
    autobus_bus_free(&bus);
    return failed;
}
