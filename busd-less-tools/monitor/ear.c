/* SPDX-License-Identifier: MIT
 * Opening sockets, and reading them. */
#include "monitor/ear.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "monitor/tap.h"
#include "tool/port.h"

enum {
    IPV4,
    IPV6,
    TAP,
    LARGEST = 1 << 17, /* what is cut into packets later is caught in one piece */
    MOST_AT_ONCE = 500 /* whatever a flood does, the clock is looked at now and then */
};

/* What one read has brought. */
typedef struct arrival {
    struct sockaddr_storage source;
    _Alignas(struct cmsghdr) char control[512];
    struct msghdr message;
    int64_t time_ns;
} arrival;

static unsigned char room[MONITOR_HEADERS + LARGEST];

static void watch(monitor_ear *self, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    int on = 1;
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
        (void)epoll_ctl(self->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

bool monitor_ear_open(monitor_ear *self, uint16_t port, const monitor_ports *ports)
{
    self->port = port;
    self->fds[IPV4] = self->fds[IPV6] = -1;
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    self->fds[TAP] = monitor_tap_open(port, ports);
    if (self->fds[TAP] < 0) {
        self->fds[IPV4] = tool_port_open(AF_INET, port);
        self->fds[IPV6] = tool_port_open(AF_INET6, port);
    }
    for (size_t i = 0; i < MONITOR_SOCKETS; i++) {
        watch(self, self->fds[i]);
    }
    return self->epoll >= 0 &&
           (self->fds[TAP] >= 0 || self->fds[IPV4] >= 0 || self->fds[IPV6] >= 0);
}

void monitor_ear_close(monitor_ear *self)
{
    int all[] = {self->fds[IPV4], self->fds[IPV6], self->fds[TAP], self->epoll};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] >= 0) {
            close(all[i]);
        }
    }
}

bool monitor_ear_has_tap(const monitor_ear *self)
{
    return self->fds[TAP] >= 0;
}

void monitor_ear_join(const monitor_ear *self, const char *interfaces)
{
    struct if_nameindex *all = self->fds[IPV6] >= 0 ? if_nameindex() : NULL;
    for (const struct if_nameindex *it = all; it != NULL && it->if_index != 0; it++) {
        if (tool_port_is_used(interfaces, it->if_name)) {
            tool_port_join(self->fds[IPV6], it->if_index);
        }
    }
    if (all != NULL) {
        if_freenameindex(all);
    }
}

void monitor_ear_choose(const monitor_ear *self, const monitor_ports *ports)
{
    if (self->fds[TAP] >= 0) {
        monitor_tap_choose(self->fds[TAP], self->port, ports);
    }
}

static void note_control(monitor_ear *self, size_t which, arrival *it)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&it->message); at != NULL;
         at = CMSG_NXTHDR(&it->message, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&time, CMSG_DATA(at), sizeof time);
        } else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&self->lost[which], CMSG_DATA(at), sizeof self->lost[which]);
        }
    }
    it->time_ns = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* What leaves by loopback comes in there as well. */
static bool read_tapped(monitor_packet *packet, const arrival *it, size_t length)
{
    struct sockaddr_ll link;
    memcpy(&link, &it->source, sizeof link);
    bool is_double = link.sll_hatype == ARPHRD_LOOPBACK && link.sll_pkttype == PACKET_OUTGOING;
    bool is_ours = !is_double && monitor_packet_read(packet, room + MONITOR_HEADERS, length);
    packet->interface = (unsigned)link.sll_ifindex;
    return is_ours;
}

static bool read_datagram(const monitor_ear *self, monitor_packet *packet, arrival *it,
                          size_t length)
{
    monitor_end from = monitor_end_of((const struct sockaddr *)&it->source);
    monitor_end to = {.family = from.family, .port = self->port};
    unsigned interface = tool_port_arrival(&it->message, to.address);
    monitor_packet_wrap(packet, room + MONITOR_HEADERS, length, &from, &to);
    packet->interface = interface;
    return true;
}

/* False once nothing waits any more. */
static bool hear_one(monitor_ear *self, size_t which)
{
    arrival it;
    struct iovec bytes = {room + MONITOR_HEADERS, LARGEST};
    it.message = (struct msghdr){.msg_name = &it.source,
                                 .msg_namelen = sizeof it.source,
                                 .msg_iov = &bytes,
                                 .msg_iovlen = 1,
                                 .msg_control = it.control,
                                 .msg_controllen = sizeof it.control};
    ssize_t length = recvmsg(self->fds[which], &it.message, 0);
    if (length < 0) {
        return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
    }
    monitor_packet packet = {0};
    note_control(self, which, &it);
    bool is_one = which == TAP ? read_tapped(&packet, &it, (size_t)length)
                               : read_datagram(self, &packet, &it, (size_t)length);
    packet.time_ns = it.time_ns;
    if (is_one) {
        self->heard(self->userdata, &packet);
    }
    return true;
}

void monitor_ear_hear(monitor_ear *self)
{
    for (size_t which = 0; which < MONITOR_SOCKETS; which++) {
        for (int count = 0; self->fds[which] >= 0 && count < MOST_AT_ONCE; count++) {
            if (!hear_one(self, which)) {
                break;
            }
        }
    }
}

uint64_t monitor_ear_lost(const monitor_ear *self)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < MONITOR_SOCKETS; i++) {
        lost += self->lost[i];
    }
    return lost;
}
