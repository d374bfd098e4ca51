/* SPDX-License-Identifier: MIT
 * The least that an event loop costs: libevent says that a socket can be read, and what was read is written back.
 *   event_server serve PLACE    (called by: floor call PLACE COUNT) */
#include <event2/event.h>

#include "place.h"

static struct event_base *base;
static const char *place;

static void echo(evutil_socket_t fd, short what, void *userdata)
{
    char bytes[PAYLOAD];
    struct event *event = *(struct event **)userdata;
    (void)what;
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0) {
        event_free(event);
        free(userdata);
        close(fd);
        return;
    }
    rounds_hold(write(fd, bytes, (size_t)got) == got, "write");
}

static void welcome(evutil_socket_t listener, short what, void *userdata)
{
    (void)what;
    (void)userdata;
    struct event **event = malloc(sizeof(struct event *));
    int fd = place_accept(listener, place);
    rounds_hold(event != NULL, "malloc");
    evutil_make_socket_nonblocking(fd);
    *event = event_new(base, fd, EV_READ | EV_PERSIST, echo, event);
    event_add(*event, NULL);
}

int main(int count, char **words)
{
    rounds_hold(count == 3, "event_server serve PLACE:");
    place = words[2];
    base = event_base_new();
    struct event *listener =
        event_new(base, place_listen(place), EV_READ | EV_PERSIST, welcome, NULL);
    event_add(listener, NULL);
    return event_base_dispatch(base);
}
