/* SPDX-License-Identifier: MIT
 * Connections begun side by side. */
#include "doctor/knock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool/text.h"

bool doctor_knocking_begin(doctor_knocking *self)
{
    *self = (doctor_knocking){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    return self->epoll >= 0;
}

static void decide(doctor_knock *told, int error)
{
    *told = (doctor_knock){error == 0 ? DOCTOR_DOOR_OPEN : DOCTOR_DOOR_SHUT, error};
    if (error == ETIMEDOUT) {
        *told = (doctor_knock){.door = DOCTOR_DOOR_SILENT};
    }
}

static void wait_for(doctor_knocking *self, int fd, doctor_knock *told)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.u64 = self->count};
    self->all = tool_text_checked(reallocarray(self->all, self->count + 1, sizeof *self->all));
    self->all[self->count].fd = fd;
    self->all[self->count++].told = told;
    self->waiting++;
    told->door = DOCTOR_DOOR_SILENT; /* until it is heard */
    (void)epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event);
}

void doctor_knocking_add(doctor_knocking *self, const char *host, uint16_t port, doctor_knock *told)
{
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &wanted, &found) != 0) {
        return;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
    if (fd >= 0 && error == EINPROGRESS) {
        wait_for(self, fd, told);
    } else if (fd >= 0) {
        decide(told, error);
        close(fd);
    }
    freeaddrinfo(found);
}

void doctor_knocking_heed(doctor_knocking *self)
{
    struct epoll_event news;
    while (epoll_wait(self->epoll, &news, 1, 0) > 0) {
        int error = 0;
        socklen_t length = sizeof error;
        size_t at = news.data.u64;
        if (getsockopt(self->all[at].fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) {
            error = errno;
        }
        decide(self->all[at].told, error);
        close(self->all[at].fd);
        self->all[at].fd = -1;
        self->waiting--;
    }
}

void doctor_knocking_end(doctor_knocking *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->all[i].fd >= 0) {
            close(self->all[i].fd);
        }
    }
    if (self->epoll >= 0) {
        close(self->epoll);
    }
    free(self->all);
    *self = (doctor_knocking){.epoll = -1};
}
