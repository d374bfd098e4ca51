/* SPDX-License-Identifier: MIT
 * Sockets by their written place: a port of 127.0.0.1, or the path of a unix socket. */
#ifndef PEERS_PLACE_H
#define PEERS_PLACE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rounds.h"

static inline socklen_t place_read(const char *text, struct sockaddr_storage *place)
{
    memset(place, 0, sizeof *place);
    if (*text == '/') {
        struct sockaddr_un *path = (void *)place;
        path->sun_family = AF_UNIX;
        rounds_hold(strlen(text) < sizeof path->sun_path, "the length of a path");
        strcpy(path->sun_path, text);
        return sizeof *path;
    }
    struct sockaddr_in *port = (void *)place;
    port->sin_family = AF_INET;
    port->sin_port = htons((uint16_t)strtol(text, NULL, 10));
    port->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof *port;
}

static inline void place_hurry(int fd, const char *text)
{
    int one = 1;
    if (*text != '/') {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
}

static inline int place_listen(const char *text)
{
    struct sockaddr_storage place;
    socklen_t length = place_read(text, &place);
    int one = 1;
    int fd = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    rounds_hold(bind(fd, (struct sockaddr *)&place, length) == 0, "bind");
    rounds_hold(listen(fd, 16) == 0, "listen");
    rounds_ready();
    return fd;
}

static inline int place_accept(int listener, const char *text)
{
    int fd = accept(listener, NULL, NULL);
    rounds_hold(fd >= 0, "accept");
    place_hurry(fd, text);
    return fd;
}

static inline int place_connect(const char *text)
{
    struct sockaddr_storage place;
    socklen_t length = place_read(text, &place);
    int fd = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rounds_hold(connect(fd, (struct sockaddr *)&place, length) == 0, "connect");
    place_hurry(fd, text);
    return fd;
}

#endif
