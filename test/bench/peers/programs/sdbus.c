/* SPDX-License-Identifier: MIT
 * D-Bus by sd-bus: from peer to peer over a unix socket, or through a daemon.
 *   sdbus serve peer PATH     sdbus call peer PATH COUNT
 *   sdbus serve daemon PATH   sdbus call daemon PATH COUNT */
#include <systemd/sd-bus.h>

#include "place.h"

static int echo(sd_bus_message *request, void *userdata, sd_bus_error *error)
{
    const char *text;
    (void)userdata;
    (void)error;
    int result = sd_bus_message_read(request, "s", &text);
    return result < 0 ? result : sd_bus_reply_method_return(request, "s", text);
}

static const sd_bus_vtable methods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Echo", "s", "s", echo, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static void serve_on(sd_bus *bus)
{
    rounds_hold(sd_bus_add_object_vtable(bus, NULL, "/bench", "bench.Echo", methods, NULL) >= 0,
                "sd_bus_add_object_vtable");
    for (int result = 0; result >= 0;) {
        result = sd_bus_process(bus, NULL);
        if (result == 0) {
            result = sd_bus_wait(bus, UINT64_MAX);
        }
    }
}

static sd_bus *bus_at(const char *path, int is_client)
{
    char address[256];
    sd_bus *bus;
    snprintf(address, sizeof address, "unix:path=%s", path);
    rounds_hold(sd_bus_new(&bus) >= 0, "sd_bus_new");
    sd_bus_set_address(bus, address);
    sd_bus_set_bus_client(bus, is_client);
    rounds_hold(sd_bus_start(bus) >= 0, "sd_bus_start");
    return bus;
}

static void serve_peers(const char *path)
{
    int listener = place_listen(path);
    for (;;) {
        sd_bus *bus;
        sd_id128_t id = {.bytes = {1}};
        int fd = place_accept(listener, path);
        rounds_hold(sd_bus_new(&bus) >= 0, "sd_bus_new");
        sd_bus_set_fd(bus, fd, fd);
        sd_bus_set_server(bus, 1, id);
        rounds_hold(sd_bus_start(bus) >= 0, "sd_bus_start");
        serve_on(bus);
        sd_bus_unref(bus);
    }
}

static void serve_daemon(const char *path)
{
    sd_bus *bus = bus_at(path, 1);
    rounds_hold(sd_bus_request_name(bus, "bench.Echo", 0) >= 0, "sd_bus_request_name");
    rounds_ready();
    serve_on(bus);
}

static void call(const char *kind, const char *path, const char *count)
{
    char bytes[PAYLOAD + 1];
    rounds run;
    int is_client = strcmp(kind, "daemon") == 0;
    sd_bus *bus = bus_at(path, is_client);
    rounds_fill(bytes);
    rounds_init(&run, count);
    while (rounds_begin(&run)) {
        sd_bus_message *reply = NULL;
        rounds_hold(sd_bus_call_method(bus, is_client ? "bench.Echo" : NULL, "/bench", "bench.Echo",
                                       "Echo", NULL, &reply, "s", bytes) >= 0,
                    "sd_bus_call_method");
        sd_bus_message_unref(reply);
        rounds_end(&run);
    }
    rounds_print(&run);
    sd_bus_flush_close_unref(bus);
}

int main(int count, char **words)
{
    rounds_hold(count >= 4, "sdbus serve KIND PATH | call KIND PATH COUNT:");
    if (count == 5) {
        call(words[2], words[3], words[4]);
    } else if (strcmp(words[2], "peer") == 0) {
        serve_peers(words[3]);
    } else {
        serve_daemon(words[3]);
    }
    return 0;
}
