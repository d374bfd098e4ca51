/* SPDX-License-Identifier: MIT
 * The ninth program: who is there, who comes and who goes, for so many seconds.
 *
 *     cc 09-neighbours.c $(pkg-config --cflags --libs autobus) -o neighbours
 *     ./neighbours 30 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <autobus/autobus.h>

/* Called on the bus's own thread, one change at a time. What it is shown is lent to it for the call:
 * autobus_sighting_keep() makes it yours. */
static void heard(void *userdata, autobus_change change, const autobus_sighting *sighting)
{
    static const char *const words[] = {"appeared", "left", "changed"};
    int *count = userdata;
    *count += change == AUTOBUS_APPEARED;
    printf("%s: %s at %s:%u\n", words[change], autobus_sighting_info_text(sighting),
           autobus_sighting_host(sighting), autobus_sighting_port(sighting));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;
    int count = 0;

    autobus_bus *bus = NULL;
    if (autobus_bus_new(NULL, &bus) != AUTOBUS_OK) {
        fprintf(stderr, "there is no bus: %s\n", autobus_last_error());
        return 1;
    }

    /* A filter chooses: autobus_filter_parse("{'type': 'lamp'}") hears of lamps only. NULL
     * hears of all but the library's own. `true`: those already there appear first, so that there is no gap
     * and nothing is told twice. */
    autobus_listener *listener = NULL;
    if (autobus_listener_new(bus, NULL, true, heard, &count, NULL, &listener) != AUTOBUS_OK) {
        fprintf(stderr, "it cannot listen: %s\n", autobus_last_error());
        autobus_bus_free(&bus);
        return 1;
    }

    sleep(seconds);

    /* Once the bus is gone no callback runs any more, and the count is ours to read. */
    autobus_listener_free(&listener);
    autobus_bus_free(&bus);
    printf("%d appeared\n", count);
    return 0;
}
