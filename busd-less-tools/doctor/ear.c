/* SPDX-License-Identifier: MIT
 * Opening the sockets and hearing; speaking is in voice.c. */
#include "doctor/ear.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor/census.h"
#include "doctor/holder.h"
#include "doctor/packet.h"
#include "doctor/voice.h"
#include "tool/port.h"

static void watch(doctor_ear *self, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd >= 0) {
        (void)epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

/* On all that can: an interface that cannot says so itself when it is asked on. */
static void join(const doctor_ear *self)
{
    for (size_t i = 0; i < self->facts->interface_count; i++) {
        tool_port_join(self->shared[1], self->facts->interfaces[i].index);
    }
}

/* Is told what becomes of its questions. */
static int open_own(int family)
{
    int on = 1;
    int fd = tool_port_open(family, 0);
    (void)setsockopt(fd, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
                     family == AF_INET6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on);
    return fd;
}

static void open_shared(doctor_ear *self)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (int i = 0; i < 2; i++) {
        self->shared[i] = tool_port_open(families[i], self->facts->port);
        self->facts->port_is_held =
            self->facts->port_is_held || (self->shared[i] < 0 && errno == EADDRINUSE);
    }
    if (self->facts->port_is_held) {
        self->facts->holder = doctor_holder_name(self->facts->port);
    }
}

bool doctor_ear_open(doctor_ear *self, doctor_facts *facts)
{
    uint64_t random = 0;
    *self = (doctor_ear){.facts = facts, .shared = {-1, -1}, .own = {-1, -1}};
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (self->epoll < 0 || getrandom(&random, sizeof random, 0) != sizeof random) {
        return false;
    }
    snprintf(self->id, sizeof self->id, "%016llx", (unsigned long long)random);
    self->own[0] = open_own(AF_INET);
    self->own[1] = open_own(AF_INET6);
    open_shared(self);
    join(self);
    for (int i = 0; i < 2; i++) {
        watch(self, self->own[i]);
        watch(self, self->shared[i]);
    }
    return self->own[0] >= 0 || self->own[1] >= 0;
}

void doctor_ear_close(doctor_ear *self)
{
    int all[] = {self->own[0], self->own[1], self->shared[0], self->shared[1], self->epoll};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] >= 0) {
            close(all[i]);
        }
    }
    *self = (doctor_ear){.epoll = -1, .shared = {-1, -1}, .own = {-1, -1}};
}

/* What came back of a question to one machine, such as that nobody listens there. */
static void hear_error(doctor_ear *self, struct msghdr *message, const struct sockaddr *asked)
{
    for (struct cmsghdr *it = CMSG_FIRSTHDR(message); it != NULL; it = CMSG_NXTHDR(message, it)) {
        bool is_error = (it->cmsg_level == IPPROTO_IP && it->cmsg_type == IP_RECVERR) ||
                        (it->cmsg_level == IPPROTO_IPV6 && it->cmsg_type == IPV6_RECVERR);
        if (is_error) {
            struct sock_extended_err error;
            memcpy(&error, CMSG_DATA(it), sizeof error);
            doctor_voice_failed(self, asked, (int)error.ee_errno);
        }
    }
}

/* False once nothing waits any more. */
static bool hear_one(doctor_ear *self, int fd)
{
    static char bytes[DOCTOR_PACKET_LARGEST + 1];
    union {
        char bytes[512];
        struct cmsghdr aligned;
    } control;
    doctor_arrival arrival = {.is_answer = fd == self->own[0] || fd == self->own[1]};
    struct iovec room = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &arrival.source,
                             .msg_namelen = sizeof arrival.source,
                             .msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    if (arrival.is_answer && recvmsg(fd, &message, MSG_ERRQUEUE) >= 0) {
        hear_error(self, &message, (const struct sockaddr *)&arrival.source);
        return true;
    }
    message.msg_namelen = sizeof arrival.source;
    message.msg_controllen = sizeof control;
    ssize_t length = recvmsg(fd, &message, 0);
    if (length < 0) {
        return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
    }
    arrival.interface = tool_port_arrival(&message, NULL);
    doctor_census_count(self->facts, self->id, &arrival, bytes, (size_t)length);
    return true;
}

void doctor_ear_hear(doctor_ear *self)
{
    enum {
        MOST_AT_ONCE = 1000 /* whatever a flood does, the clock is looked at now and then */
    };
    const int fds[] = {self->shared[0], self->shared[1], self->own[0], self->own[1]};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        for (int count = 0; fds[i] >= 0 && count < MOST_AT_ONCE; count++) {
            if (!hear_one(self, fds[i])) {
                break;
            }
        }
    }
}
