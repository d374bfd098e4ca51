/* SPDX-License-Identifier: MIT
 * The eighth program: it has a loop of its own, as one with a window or with sensors has, and wants its
 * callbacks there and not on another thread. It ends at the end of its input.
 *
 *     cc 08-own-loop.c $(pkg-config --cflags --libs autobus) -o own-loop && ./own-loop */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <autobus/autobus.h>

/* Runs inside autobus_bus_dispatch(), so it may touch everything the loop touches, without a lock. */
static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    int *present = userdata;
    *present += change == AUTOBUS_APPEARED ? 1 : change == AUTOBUS_LEFT ? -1 : 0;
    printf("%d there; the last change is about %s\n", *present, autobus_sighting_id(sighting));
    fflush(stdout);
}

static void run(autobus_bus *bus)
{
    /* Glib, Qt, libuv and the like watch the descriptor just so: it is readable when callbacks wait. */
    struct pollfd fds[] = {{.fd = autobus_bus_fd(bus), .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
    char typed[256];
    while (poll(fds, 2, -1) >= 0) {
        if (fds[0].revents != 0 && autobus_bus_dispatch(bus) < 0) {
            return;
        }
        if (fds[1].revents != 0 && read(STDIN_FILENO, typed, sizeof typed) <= 0) {
            return;
        }
    }
}

int main(void)
{
    int present = 0;
    autobus_options *options = autobus_options_new();
    autobus_options_set_number(options, AUTOBUS_DISPATCH, 1);

    /* The bus takes the options, and says here what was wrong with them. */
    autobus_bus *bus = NULL;
    autobus_listener *listener = NULL;
    if (autobus_bus_new(options, &bus) != AUTOBUS_OK ||
        autobus_listener_new(bus, NULL, true, heard, &present, NULL, &listener) != AUTOBUS_OK) {
        fprintf(stderr, "it cannot start: %s\n", autobus_last_error());
        autobus_bus_free(&bus);
        return 1;
    }
    run(bus);
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    return 0;
}
