/* SPDX-License-Identifier: MIT
 * A packet socket without the headers of the link, so that every interface looks alike. */
#include "monitor/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor/filter.h"

enum {
    ROOM = 8 << 20 /* of the kernel's queue: a burst shall wait, not be lost */
};

static bool choose(int tap, uint16_t udp_port, const monitor_ports *ports)
{
    struct sock_filter program[MONITOR_FILTER_MOST];
    struct sock_fprog filter = {
        .len = (unsigned short)monitor_filter_write(program, udp_port, ports), .filter = program};
    return setsockopt(tap, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

void monitor_tap_choose(int tap, uint16_t udp_port, const monitor_ports *ports)
{
    (void)choose(tap, udp_port, ports); /* else the old choice stays */
}

int monitor_tap_open(uint16_t udp_port, const monitor_ports *ports)
{
    struct sockaddr_ll everywhere = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    int room = ROOM;
    /* Protocol 0 hears nothing before the filter is there. */
    int tap = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tap < 0) {
        return -1;
    }
    if (setsockopt(tap, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) {
        (void)setsockopt(tap, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    }
    if (!choose(tap, udp_port, ports) ||
        bind(tap, (struct sockaddr *)&everywhere, sizeof everywhere) < 0) {
        int error = errno;
        close(tap);
        errno = error;
        return -1;
    }
    return tap;
}
